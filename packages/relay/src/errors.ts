import type { FileProblem } from '@flags/config';

/**
 * What went wrong: an option that cannot be used · a flag source that cannot be read or is invalid at start · a port that
 * another process listens on · an address that cannot be listened on.
 */
export type RelayErrorCode = 'INVALID_OPTION' | 'INVALID_SOURCE' | 'PORT_IN_USE' | 'CANNOT_LISTEN';

/** The one error of this package. The message says what happened, where, and what to do. */
export class RelayError extends Error {
  override readonly name = 'RelayError';
  readonly code: RelayErrorCode;
  /** Every place that is wrong, where the source is what failed. */
  readonly problems: readonly FileProblem[];

  constructor(code: RelayErrorCode, message: string, problems: readonly FileProblem[] = [], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.problems = problems;
  }
}
