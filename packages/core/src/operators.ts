import { fail } from './broken.ts';
import { inCidr, parseCidr } from './cidr.ts';
import { type EvaluationContext, parsePath, type Path, readAttribute, timeOf } from './context.ts';
import { parseInstant } from './instant.ts';
import { MATCH_STEPS } from './limits.ts';
import { compilePattern, MAX_PATTERN_INPUT } from './pattern.ts';
import type { Clause } from './ruleset.ts';
import { isStrings, shape } from './shape.ts';
import { compareVersion, parseVersion } from './version.ts';

// Operands are prepared for their own test, so each test may trust its types. `undefined`: the value is of the wrong type.
type Test = (value: never, operand: never) => boolean | undefined;
type Table<Entry> = Readonly<Record<string, Entry | undefined>>;

/** A clause, prepared once. */
export interface CompiledClause {
  readonly path: Path;
  readonly as: Clause['as'];
  /** The `typeof`s that count, after coercion. */
  readonly types: string;
  readonly fold: boolean;
  /** What a missing attribute makes of the clause. */
  readonly missing: boolean;
  /** What an empty list makes of it. */
  readonly empty: boolean;
  /** The operands of `eq` and `in`; the others have `test` and `operands`. */
  readonly set: ReadonlySet<unknown> | undefined;
  readonly test: Test;
  readonly operands: readonly unknown[];
}

const isEqual = (sign: number): boolean => sign === 0;
const isLess = (sign: number): boolean => sign < 0;
const isMore = (sign: number): boolean => sign > 0;
const isAtMost = (sign: number): boolean => sign <= 0;
const isAtLeast = (sign: number): boolean => sign >= 0;

/** Operators that compare, by the sign of attribute − operand. */
export const ORDER: Table<(sign: number) => boolean> = {
  __proto__: null as never,
  lt: isLess,
  lte: isAtMost,
  gt: isMore,
  gte: isAtLeast,
  before: isLess,
  after: isMore,
  verEq: isEqual,
  verLt: isLess,
  verLte: isAtMost,
  verGt: isMore,
  verGte: isAtLeast,
};

/** Operators on text, and what prepares their operands. */
export const TEXT: Table<readonly [test: Test, prepare?: (operand: string, fold: boolean) => unknown]> = {
  __proto__: null as never,
  contains: [(value: string, part: string) => value.includes(part)],
  startsWith: [(value: string, start: string) => value.startsWith(start)],
  endsWith: [(value: string, end: string) => value.endsWith(end)],
  matches: [
    (value: string, matches: (input: string) => boolean) =>
      value.length > MAX_PATTERN_INPUT ? undefined : matches(value),
    (source, fold) => compilePattern(source, fold) ?? fail('PATTERN'),
  ],
  cidr: [inCidr, parseCidr],
};

const foldAscii = (text: string): string => text.replace(/[A-Z]+/g, (run) => run.toLowerCase());

/** The value in the type asked for; what is left in another type is of the wrong one. */
function coerce(value: unknown, as: Clause['as']): unknown {
  const time = typeof value === 'object' ? timeOf(value) : undefined;
  const plain = time ?? value;
  const isNumber = typeof plain === 'number';
  // An object that is no date, an invalid date, NaN and the infinities are no data.
  if (isNumber ? !Number.isFinite(plain) : typeof plain !== 'string' && typeof plain !== 'boolean') return undefined;
  if (!as || as === 'version') return value;
  if (as === 'string') return time === undefined ? String(value) : new Date(time).toISOString();
  if (typeof value !== 'string') return isNumber ? plain : undefined;
  return as === 'date'
    ? coerce(parseInstant(value), undefined)
    : /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value)
      ? coerce(+value, undefined)
      : undefined;
}

/** The members of a clause, in the words of `shape`. */
export const CLAUSE_MEMBERS = 'attr:v op:s values:a? as:s? ignoreCase:b? ifMissing:b?';

/** Prepares a clause; `negated` says whether it stands under an odd number of negations. */
export function compileClause(raw: unknown, negated: boolean): CompiledClause {
  const clause = shape<Clause>(raw, CLAUSE_MEMBERS);
  const { attr, op, as, values = [], ignoreCase: fold = false, ifMissing: missing = false } = clause;
  if (!attr.length || !isStrings([attr].flat())) fail('TYPE');
  const path = parsePath(attr);
  const always = (): boolean => true;
  const exists = {
    path,
    as,
    types: 'string number boolean object',
    fold,
    missing: negated,
    empty: true,
    set: undefined,
    test: always,
    operands: [always],
  };
  // Two-valued: what is missing does not exist, so the negation holds.
  if (op === 'exists') return Object.keys(clause).length > 2 ? fail('OPERATOR') : exists;

  const text = TEXT[op];
  const builtIn = op.startsWith('ver') ? 'version' : /^(before|after)$/.test(op) ? 'date' : as;
  const equality = op === 'eq' || op === 'in';
  const order = equality && as === 'version' ? isEqual : ORDER[op];
  if (!equality && !order && !text) fail('OPERATOR');
  if (
    as !== undefined &&
    (!/^(string|number|date|version)$/.test(as) || as !== builtIn || (as === 'string' ? order : text))
  )
    fail('OPERATOR');
  if (fold && (order || op === 'cidr' || (as ?? 'string') !== 'string')) fail('OPERATOR');
  if (!values.length) fail('VALUE');
  const operands = values.map((value) => {
    if (text || builtIn === 'version') {
      if (typeof value !== 'string') return fail('TYPE');
      const [, prepare = fold ? foldAscii : String] = text ?? [always, parseVersion];
      return prepare(value, fold) ?? fail('VALUE');
    }
    const operand = coerce(value, builtIn);
    if (typeof operand !== 'number' && (order || !/^[bs]/.test(typeof operand))) fail('TYPE');
    return fold && typeof operand === 'string' ? foldAscii(operand) : operand;
  });
  return {
    ...exists,
    as: builtIn,
    types:
      text || builtIn === 'version'
        ? 'string'
        : order
          ? 'number'
          : [...new Set(operands.map((operand) => typeof operand))].join(),
    // A pattern folds by itself: lower case would turn `\D` into `\d`, and a range into another.
    fold: fold && op !== 'matches',
    missing,
    empty: false,
    set: order || text ? undefined : new Set(operands),
    test: text
      ? text[0]
      : (value: never, operand: never) => {
          const sign = builtIn === 'version' ? compareVersion(value, operand) : value - operand;
          return sign === sign ? order!(sign) : undefined;
        },
    operands,
  };
}

/**
 * Steps that testing the clause takes beyond its own: one for each operand that has to be tried, and for a pattern as many
 * as a hundred of them, which is still less than it may cost.
 */
export function stepsOf({ set, test, operands }: CompiledClause): number {
  return set ? 0 : operands.length * (test === TEXT['matches']?.[0] ? MATCH_STEPS : 1);
}

/** Whether one element satisfies the clause, `undefined` when it is of the wrong type. */
function testElement(clause: CompiledClause, element: unknown): boolean | undefined {
  const { types, set, operands } = clause;
  // Text that stays text is by far the most common.
  let value = typeof element === 'string' && clause.as === undefined ? element : coerce(element, clause.as);
  const type = typeof value;
  if (type !== types && !types.includes(type)) return undefined;
  if (clause.fold && typeof value === 'string') value = foldAscii(value);
  if (set) return operands.length === 1 ? value === operands[0] : set.has(value);
  for (let at = 0; at < operands.length; at++) {
    const outcome = clause.test(value as never, operands[at] as never);
    if (outcome !== false) return outcome;
  }
  return false;
}

/** What the clause says of a context before any negation, `undefined` when the attribute is missing or of the wrong type. */
export function testClause(clause: CompiledClause, context: EvaluationContext): boolean | undefined {
  const value = readAttribute(context, clause.path);
  if (typeof value !== 'object' || !Array.isArray(value)) return testElement(clause, value);
  // An empty list is there, and has nothing in it; a list in a list does not count.
  let outcome = value.length ? undefined : clause.empty;
  for (const element of value as readonly unknown[]) {
    const one = Array.isArray(element) ? undefined : testElement(clause, element);
    if (one) return one;
    outcome = one ?? outcome;
  }
  return outcome;
}
