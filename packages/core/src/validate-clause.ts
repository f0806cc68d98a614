import { codeOf, type ProblemCode } from './broken.ts';
import { suggest } from './nearest.ts';
import { CLAUSE_MEMBERS, compileClause, OPERATORS } from './operators.ts';
import { MAX_PATTERN_LENGTH, MAX_PATTERN_STATES } from './pattern.ts';
import { checkShape, type ProblemPath, type Report, words } from './report.ts';
import type { Clause } from './ruleset.ts';
import { isStrings } from './shape.ts';

const NAMES = [...Object.keys(OPERATORS), 'exists'];

/** The members of a clause that have their shape. */
type Sound = Partial<Clause> & Pick<Clause, 'op'>;

/** What `as` may be for an operator. */
const coercionsOf = (op: string): readonly string[] => OPERATORS[op]?.[0].split(' ') ?? [];

function operandWords(op: string, as: string | undefined): string {
  const [only, ...more] = coercionsOf(op);
  if (op === 'cidr') return 'a block of addresses such as "10.0.0.0/8"';
  if (only === 'string' && !more.length) return 'a text';
  switch (more.length ? as : only) {
    case 'version':
      return 'a version such as "1.4.2"';
    case 'date':
      return 'an instant: RFC 3339 with its offset, such as "2026-06-01T12:00:00Z", or epoch milliseconds';
    case 'number':
      return 'a number';
    default:
      return only === 'number' ? 'a number' : 'a text, a number or a boolean';
  }
}

/** Why the compiler refuses a clause with this operand alone. */
function problemOfOperand(clause: Partial<Clause>, operand: unknown): ProblemCode | undefined {
  try {
    compileClause({ ...clause, attr: 'a', values: [operand] }, false);
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

function patternHint(pattern: string): string {
  if (pattern.length > MAX_PATTERN_LENGTH) return `Write it in at most ${MAX_PATTERN_LENGTH} characters.`;
  if (/\(\?<?[=!]/.test(pattern)) return 'Write it without look-ahead and look-behind, or as several clauses.';
  if (/\\[1-9]/.test(pattern)) return 'Write it without references to groups.';
  if (/\(\?[^:]/.test(pattern)) return 'Write groups as `( )` or `(?: )`, and case-insensitivity as `ignoreCase`.';
  return `Check its brackets, escapes and repetitions, which may come to ${MAX_PATTERN_STATES} states.`;
}

function checkOperands(report: Report, path: ProblemPath, clause: Sound, values: readonly unknown[]): void {
  const { op, as } = clause;
  for (const [index, value] of values.entries()) {
    const code = problemOfOperand(clause, value);
    if (!code) continue;
    const at = [...path, 'values', index];
    if (code === 'PATTERN') {
      report(
        at,
        code,
        `${words(value)} is not a pattern that can be matched in linear time.`,
        patternHint(String(value)),
      );
      continue;
    }
    const expected = operandWords(op, as);
    const hint = value === null ? 'To ask whether an attribute is there, use the operator `exists`.' : undefined;
    report(at, code, `This is ${words(value)}, not ${expected}.`, hint ?? `Make it ${expected}.`);
  }
}

function checkOptions(report: Report, path: ProblemPath, { op, as, ignoreCase }: Sound): boolean {
  const coercions = coercionsOf(op);
  let sound = true;
  if (as !== undefined && !coercions.includes(as)) {
    const hint = coercionsOf('eq').includes(as)
      ? `Leave it out, or make it ${coercions.join(' or ')}.`
      : suggest(report, as, coercions, 'types');
    report([...path, 'as'], 'OPERATOR', `\`${op}\` does not take \`as: ${words(as)}\`.`, hint);
    sound = false;
  }
  if (ignoreCase && (coercions[0] !== 'string' || op === 'cidr' || (as ?? 'string') !== 'string')) {
    const message = `\`${op}\`${as ? ` as ${as}` : ''} compares no letters, so it takes no \`ignoreCase\`.`;
    report([...path, 'ignoreCase'], 'OPERATOR', message, 'Leave `ignoreCase` out.');
    sound = false;
  }
  return sound;
}

/** Reports everything that makes the compiler refuse this clause. */
export function checkClause(report: Report, path: ProblemPath, raw: Readonly<Record<string, unknown>>): void {
  const { attr } = raw;
  if (attr === undefined) {
    const hint = 'Add `attr`: the path of the attribute to compare, such as "country" or "org.plan".';
    report(path, 'MEMBER', 'This clause has no `attr`.', hint);
  } else if (typeof attr === 'string' ? !attr : !isStrings(attr) || !attr.length) {
    const hint = 'Write a path such as "org.plan", or a list of names where a name has a dot: ["org.plan"].';
    report([...path, 'attr'], 'TYPE', `\`attr\` is ${words(attr)}, not the path of an attribute.`, hint);
  }
  const members = attr === undefined ? CLAUSE_MEMBERS.replace('attr:v', 'attr:v?') : CLAUSE_MEMBERS;
  const clause = checkShape<Clause>(report, path, raw, members, 'A clause');
  if (clause?.op === undefined) return;
  const { op, values } = clause;
  if (op === 'exists') {
    for (const name of Object.keys(clause)) {
      if (name !== 'op' && name !== 'attr')
        report([...path, name], 'OPERATOR', `\`exists\` takes no \`${name}\`.`, `Leave \`${name}\` out.`);
    }
    return;
  }
  if (!NAMES.includes(op)) {
    const hint = suggest(report, op, NAMES, 'operators');
    report([...path, 'op'], 'OPERATOR', `There is no operator ${words(op)}.`, hint);
    return;
  }
  const sound = checkOptions(report, path, { ...clause, op });
  if (values?.length) {
    // What is wrong with an option has been said once, not for every operand.
    if (sound && (clause.as !== undefined || raw['as'] === undefined))
      checkOperands(report, path, { ...clause, op }, values);
  } else if (values || raw['values'] === undefined) {
    const message = `\`${op}\` has nothing to compare with.`;
    report([...path, 'values'], 'VALUE', message, `List in \`values\` at least ${operandWords(op, clause.as)}.`);
  }
}
