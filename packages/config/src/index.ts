export { digestOf } from './digest.ts';
export { MAX_FILE_BYTES } from './bounds.ts';
export { parseFlagFile, type FlagEntries, type ParseOptions, type ParseResult } from './expand.ts';
export type { FlagBody } from './flag.ts';
export { loadFlagFile, type LoadOptions, type LoadResult } from './load.ts';
export { lockPathOf } from './lock-file.ts';
export { formatLock, parseLock, type ParsedLock } from './lock-text.ts';
export {
  lockRuleset,
  type ChangedKeys,
  type Lock,
  type LockedEntry,
  type LockedRuleset,
  type LockOptions,
} from './lock.ts';
export { formatProblem, type FileProblem } from './problem.ts';
export type { SegmentBody } from './segment.ts';
export { suggest } from './suggest.ts';
export type { ZoneTable } from './zone.ts';
