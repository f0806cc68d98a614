/**
 * Why a flag was set aside; `validateRuleset` says it at length.
 * `TYPE` a member is missing or not of its type · `MEMBER` an unknown member · `KEY` an entry under another key than its
 * own, or a repeated id · `VALUE` out of range · `VARIATION` an unknown or repeated variation · `OPERATOR` an unknown
 * operator, or an option it does not take · `PATTERN` outside the supported subset · `SPLIT` widths that do not fill the
 * buckets · `BUCKETER` an unknown one · `SEGMENT` refers to one that is missing or broken · `CYCLE` depends on itself ·
 * `LIMIT` too large · `REQUIRES` needs a newer reader.
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

/** Thrown inside the compiler only, with a code for its message, and caught there: it sets one entry aside. */
class Broken extends Error {}

/** Sets the entry that is being compiled aside. */
export function fail(code: ProblemCode): never {
  throw new Broken(code);
}

/**
 * Why compiling an entry failed. Anything but our own refusal comes from input that is not JSON, such as a throwing getter;
 * or the caller's stack is full, which says nothing of the entry and is not to be remembered: that is thrown on.
 */
export function codeOf(error: unknown): ProblemCode {
  if (error instanceof RangeError) throw error;
  return error instanceof Broken ? (error.message as ProblemCode) : 'TYPE';
}
