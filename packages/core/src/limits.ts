/** Bounds that keep every ruleset's cost bounded; an entry beyond one is broken (`LIMIT`). */

/** Conditions nested in conditions. */
export const MAX_CONDITION_DEPTH = 32;
/** Segments that refer to segments. With conditions as deep in each, compiling takes half of the stack Node starts with. */
export const MAX_SEGMENT_DEPTH = 8;
/**
 * Steps one read can take at worst: conditions, slices, points, offsets and operands that have to be tried one by one, of
 * the flag, its segments and its prerequisites, each counted as often as it is referred to.
 */
export const MAX_STEPS = 10_000;
/** Steps that one pattern counts as: a hundred patterns, at most 1 000 states each, are what a read may try. */
export const MATCH_STEPS = 100;
/** Elements of a list in a context; a longer list counts as missing, as no rule can mean all of it. */
export const MAX_ELEMENTS = 1000;
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
