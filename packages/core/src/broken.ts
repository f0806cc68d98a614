/**
 * Why a flag was set aside.
 * `TYPE` a member is missing or of the wrong type · `MEMBER` an unknown member · `KEY` an entry under another key than its own ·
 * `VALUE` out of range · `VARIATION` an unknown or repeated variation · `OPERATOR` an unknown operator, or an option it
 * does not take · `PATTERN` outside the supported subset · `SPLIT` widths that do not fill the buckets · `BUCKETER` an
 * unknown one · `SEGMENT` missing or broken · `CYCLE` refers to itself · `LIMIT` too large · `REQUIRES` needs a newer reader.
 */
export type ProblemCode =
  | 'TYPE'
  | 'MEMBER'
  | 'KEY'
  | 'VALUE'
  | 'VARIATION'
  | 'OPERATOR'
  | 'PATTERN'
  | 'SPLIT'
  | 'BUCKETER'
  | 'SEGMENT'
  | 'CYCLE'
  | 'LIMIT'
  | 'REQUIRES';

/** Thrown inside the compiler only, and caught there: it sets one entry aside. */
export class Broken extends Error {
  readonly code: ProblemCode;

  constructor(code: ProblemCode) {
    super(code);
    this.code = code;
  }
}

/** Sets the entry that is being compiled aside. */
export function fail(code: ProblemCode): never {
  throw new Broken(code);
}

/** Why compiling an entry failed. Anything but our own refusal comes from input that is not JSON, such as a throwing getter. */
export function codeOf(error: unknown): ProblemCode {
  return error instanceof Broken ? error.code : 'TYPE';
}

/** A JSON object whose members are not known yet. */
export type Raw = Readonly<Record<string, unknown>>;

/** `raw` as an object with no members but these (a list separated by spaces). */
export function objectOf(raw: unknown, members: string): Raw {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return fail('TYPE');
  const known = members.split(' ');
  for (const member of Object.keys(raw)) if (!known.includes(member)) fail('MEMBER');
  return raw as Raw;
}

/** `raw` as a list. */
export function listOf(raw: unknown): readonly unknown[] {
  return Array.isArray(raw) ? raw : fail('TYPE');
}

/** `raw` as a list of strings. */
export function stringsOf(raw: unknown): readonly string[] {
  return listOf(raw).map(stringOf);
}

/** `raw` as a string. */
export function stringOf(raw: unknown): string {
  return typeof raw === 'string' ? raw : fail('TYPE');
}

/** `raw` as a string that is not empty. */
export function nameOf(raw: unknown): string {
  return stringOf(raw) || fail('VALUE');
}

/** `raw` as an integer from `min` to `max`. */
export function integerOf(raw: unknown, min: number, max: number): number {
  if (typeof raw !== 'number') return fail('TYPE');
  return Number.isInteger(raw) && raw >= min && raw <= max ? raw : fail('VALUE');
}

/** `raw` as a boolean, or `undefined` when it is absent. */
export function optionalBoolean(raw: unknown): boolean | undefined {
  return raw === undefined || typeof raw === 'boolean' ? raw : fail('TYPE');
}
