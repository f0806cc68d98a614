/** Bounds that keep every ruleset's cost bounded; an entry beyond one is broken (`LIMIT`). */

/** Conditions nested in conditions. */
export const MAX_CONDITION_DEPTH = 32;
/** Segments that refer to segments. */
export const MAX_SEGMENT_DEPTH = 32;
/** Steps one read can take at worst: conditions and rules of the flag, of its segments and of its prerequisites, each counted as often as it is referred to. */
export const MAX_STEPS = 10_000;
/** Flags a flag depends on, directly or not. */
export const MAX_PREREQUISITES = 256;
/** Levels of a variation's value. */
export const MAX_VALUE_DEPTH = 64;
/** Characters of a key or a name. */
export const MAX_NAME = 256;
/** Buckets when a split does not say. */
export const DEFAULT_TOTAL = 100_000;
/** 2^20: up to here hash times total stays below 2^53, so that bucketing is exact. */
export const MAX_TOTAL = 1_048_576;
