/** What was wrong with the use of an API. */
export type FlagsErrorCode = 'INVALID_OPTION' | 'INVALID_ARGUMENT';

/**
 * Wrong use of an API, thrown at once. Reading a flag never throws one. The message says what happened and what to do;
 * secrets are not in it.
 */
export class FlagsError extends Error {
  readonly code: FlagsErrorCode;
  /** The option or argument at fault. */
  readonly subject: string;
  /** What to do. */
  readonly fix: string;

  constructor(code: FlagsErrorCode, subject: string, what: string, fix: string) {
    super(`${what} ${fix}`);
    this.name = 'FlagsError';
    this.code = code;
    this.subject = subject;
    this.fix = fix;
  }
}

/** Whether a value is a `FlagsError`, of this or another copy of the package. */
export function isFlagsError(value: unknown): value is FlagsError {
  return value instanceof Error && value.name === 'FlagsError' && 'code' in value && 'subject' in value;
}
