import { fail } from './broken.ts';
import { parseAddress, parseBlock } from './cidr.ts';
import { type EvaluationContext, parsePath, type Path, readAttribute, timeOf } from './context.ts';
import { parseInstant } from './instant.ts';
import { MATCH_STEPS, MAX_ELEMENTS } from './limits.ts';
import { compilePattern, MAX_PATTERN_INPUT } from './pattern.ts';
import type { Clause } from './ruleset.ts';
import { isStrings, shape } from './shape.ts';
import { parseVersion } from './version.ts';

// Both sides are brought into one type first, so each test may trust it. `undefined`: the value is of the wrong type.
type Test = (value: never, operand: never) => boolean | undefined;

/** What the attribute and the operands are brought into; an address is for `cidr` alone. */
type Coercion = Clause['as'] | 'address';

/** A clause, prepared once. */
export interface CompiledClause {
  readonly path: Path;
  readonly as: Coercion;
  /** The `typeof`s that count, after coercion. */
  readonly types: string;
  readonly fold: boolean;
  /** What a missing attribute makes of the clause. */
  readonly missing: boolean;
  /** What an empty list makes of it. */
  readonly empty: boolean;
  /** The operands of an operator that asks for equality; the others try `operands` one by one. */
  readonly set: ReadonlySet<unknown> | undefined;
  readonly test: Test;
  readonly operands: readonly unknown[];
}

const isEqual: Test = (value, operand) => value === operand;
const isLess: Test = (value, operand) => value < operand;
const isMore: Test = (value, operand) => value > operand;
const isAtMost: Test = (value, operand) => value <= operand;
const isAtLeast: Test = (value, operand) => value >= operand;
const startsWith: Test = (value: string, start: string) => value.startsWith(start);

const ANY = 'string number date version';
const ORDERED = 'number date version';

/** Operators: what `as` may be, how a value meets an operand, and the coercion that goes without saying. */
export const OPERATORS: Readonly<Record<string, readonly [as: string, test: Test, own?: Coercion] | undefined>> = {
  __proto__: null as never,
  eq: [ANY, isEqual],
  in: [ANY, isEqual],
  contains: ['string', (value: string, part: string) => value.includes(part)],
  startsWith: ['string', startsWith],
  endsWith: ['string', (value: string, end: string) => value.endsWith(end)],
  matches: [
    'string',
    (value: string, matches: (input: string) => boolean) =>
      value.length > MAX_PATTERN_INPUT ? undefined : matches(value),
  ],
  cidr: ['string', startsWith, 'address'],
  lt: [ORDERED, isLess],
  lte: [ORDERED, isAtMost],
  gt: [ORDERED, isMore],
  gte: [ORDERED, isAtLeast],
  before: ['date', isLess, 'date'],
  after: ['date', isMore, 'date'],
  verEq: ['version', isEqual, 'version'],
  verLt: ['version', isLess, 'version'],
  verLte: ['version', isAtMost, 'version'],
  verGt: ['version', isMore, 'version'],
  verGte: ['version', isAtLeast, 'version'],
};

const foldAscii = (text: string): string => text.replace(/[A-Z]+/g, (run) => run.toLowerCase());

const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  number: (text) => (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? +text : undefined),
  date: parseInstant,
  version: parseVersion,
  address: parseAddress,
};

/** The value in the type asked for; what is left in another type is of the wrong one. */
function coerce(value: unknown, as: Coercion): unknown {
  const time = typeof value === 'object' ? timeOf(value) : undefined;
  const plain = time ?? value;
  // An object that is no date, an invalid date, NaN and the infinities are no data.
  if (typeof plain === 'number' ? !Number.isFinite(plain) : typeof plain !== 'string' && typeof plain !== 'boolean')
    return undefined;
  if (!as) return value;
  if (as === 'string') return time === undefined ? String(value) : new Date(time).toISOString();
  return typeof value === 'string' ? coerce(PARSERS[as]!(value), undefined) : plain;
}

/** The members of a clause, in the words of `shape`. */
export const CLAUSE_MEMBERS = 'attr:v op:s values:a? as:s? ignoreCase:b? ifMissing:b?';

/** Prepares a clause; `negated` says whether it stands under an odd number of negations. */
export function compileClause(raw: unknown, negated: boolean): CompiledClause {
  const clause = shape<Clause>(raw, CLAUSE_MEMBERS);
  const { attr, op, as, values = [], ignoreCase: fold = false, ifMissing: missing = false } = clause;
  if (!attr.length || !isStrings([attr].flat())) fail('TYPE');
  const exists = {
    path: parsePath(attr),
    as: undefined,
    types: 'string number boolean object',
    fold: false,
    missing: negated,
    empty: true,
    set: undefined,
    test: () => true,
    operands: [op],
  };
  // Two-valued: what is missing does not exist, so the negation holds.
  if (op === 'exists') return Object.keys(clause).length > 2 ? fail('OPERATOR') : exists;

  const [coercions, test, own = as] = OPERATORS[op] ?? fail('OPERATOR');
  const kind = own ?? coercions;
  if (as !== undefined && !coercions.split(' ').includes(as)) fail('OPERATOR');
  // Letters are compared where text stays text.
  if (fold && !kind.startsWith('string')) fail('OPERATOR');
  if (!values.length) fail('VALUE');
  const type = kind === ANY ? undefined : /^(number|date)/.test(kind) ? 'number' : 'string';
  const operands = values.map((value) => {
    if (coercions === 'string' && typeof value !== 'string') fail('TYPE');
    const operand = own === 'address' ? parseBlock(value as string) : coerce(value, own);
    if (type ? typeof operand !== type : !/^[bns]/.test(typeof operand)) fail(typeof value === type ? 'VALUE' : 'TYPE');
    if (op === 'matches') return compilePattern(operand as string, fold);
    return fold && typeof operand === 'string' ? foldAscii(operand) : operand;
  });
  return {
    ...exists,
    as: own,
    types: type ?? [...new Set(operands.map((operand) => typeof operand))].join(),
    // A pattern folds by itself: lower case would turn `\D` into `\d`, and a range into another.
    fold: fold && op !== 'matches',
    missing,
    empty: false,
    set: test === isEqual ? new Set(operands) : undefined,
    test,
    operands,
  };
}

/**
 * Steps that testing the clause takes beyond its own: one for each operand that has to be tried, and for a pattern as many
 * as a hundred of them, which is still less than it may cost.
 */
export function stepsOf({ set, operands }: CompiledClause): number {
  return set ? 0 : operands.length * (typeof operands[0] === 'function' ? MATCH_STEPS : 1);
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
  const { length } = value;
  if (length > MAX_ELEMENTS) return undefined;
  let outcome = length ? undefined : clause.empty;
  for (let at = 0; at < length; at++) {
    const element: unknown = value[at];
    const one = Array.isArray(element) ? undefined : testElement(clause, element);
    if (one) return one;
    outcome = one ?? outcome;
  }
  return outcome;
}
