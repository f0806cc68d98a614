export { isAffected } from './affected.ts';
export type { Bucketer } from './bucket.ts';
export type { ProblemCode } from './broken.ts';
export { compileRuleset, problemOf, updateRuleset, type CompileOptions } from './compile.ts';
export type { CompiledRuleset } from './compiled.ts';
export { parsePath, readUnit, type EvaluationContext, type Path } from './context.ts';
export type { RawEntries } from './entries.ts';
export { evaluate, evaluateAll, type EvaluateAllOptions } from './evaluate.ts';
export { nextChangeAt } from './next-change.ts';
export type { Problem, ProblemPath } from './report.ts';
export { failedRead, type ErrorCode, type Reason, type Resolution } from './resolution.ts';
export type {
  BucketRange,
  Bucketing,
  Clause,
  Condition,
  EntryHeader,
  Flag,
  FlagType,
  Json,
  Operator,
  Prerequisite,
  Progress,
  Rule,
  Ruleset,
  RulesetChange,
  Seal,
  Segment,
  Serve,
  Split,
  Target,
  TimeWindow,
  Variation,
} from './ruleset.ts';
export { externalSegmentsOf, type SegmentsByUnit } from './external.ts';
export { EXTERNAL_SEGMENTS } from './segment.ts';
export type { BucketTrace, ConditionTrace, SegmentTrace, ServeTrace } from './trace.ts';
export { xxh32 } from './xxh32.ts';
