import type { Json } from './ruleset.ts';

/**
 * Why a value was served: OpenFeature's reasons and `PREREQUISITE_FAILED`.
 * `STATIC`: the flag has nothing but a fallthrough. `DEFAULT`: no target and no rule matched.
 * `SPLIT`: a bucket decided, wherever the split stood.
 */
export type Reason =
  | 'STATIC'
  | 'DEFAULT'
  | 'TARGETING_MATCH'
  | 'SPLIT'
  | 'CACHED'
  | 'DISABLED'
  | 'UNKNOWN'
  | 'STALE'
  | 'ERROR'
  | 'PREREQUISITE_FAILED';

/** OpenFeature's error codes. */
export type ErrorCode =
  | 'PROVIDER_NOT_READY'
  | 'FLAG_NOT_FOUND'
  | 'PARSE_ERROR'
  | 'TYPE_MISMATCH'
  | 'TARGETING_KEY_MISSING'
  | 'INVALID_CONTEXT'
  | 'GENERAL';

/** The answer to one read. Frozen; the same object is served again while the flag is unchanged. */
export interface Resolution<T = Json> {
  readonly value: T;
  /** Name of the variation served; absent when the caller's default is. */
  readonly variant: string | undefined;
  /** Index of the variation served. */
  readonly variation: number | undefined;
  readonly reason: Reason;
  /** The rule that matched. */
  readonly ruleId: string | undefined;
  /** The ruleset version that last changed the flag. */
  readonly version: number | undefined;
  /** The experiment of the split that decided. */
  readonly experiment: string | undefined;
  readonly errorCode: ErrorCode | undefined;
}

/** A read without an answer: the caller's default, and why. `version` is the flag's, where there is one. */
export function failedRead<T>(value: T, errorCode: ErrorCode, version?: number): Resolution<T> {
  return {
    value,
    variant: undefined,
    variation: undefined,
    reason: 'ERROR',
    ruleId: undefined,
    version,
    experiment: undefined,
    errorCode,
  };
}
