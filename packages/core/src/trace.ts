import { bucketOf, type Buckets } from './bucket.ts';
import type { CompiledRuleset, CompiledSegment, CompiledServe, Node } from './compiled.ts';
import { holds } from './condition.ts';
import { type EvaluationContext, type Path, readAttribute, readUnit } from './context.ts';
import { testClause } from './operators.ts';
import type { Resolution } from './resolution.ts';
import type { Condition, Segment, Serve } from './ruleset.ts';
import { widthAt } from './schedule.ts';
import { rulesOf } from './segment.ts';
import { serve } from './serve.ts';

/** How a unit found its bucket. */
export interface BucketTrace {
  /** Path of the attribute that holds the unit. */
  readonly by: Path;
  /** Absent when the context has none. */
  readonly unit: string | undefined;
  readonly salt: string;
  readonly total: number;
  /** From 0 to `total` − 1; absent without a unit. */
  readonly bucket: number | undefined;
}

/** Why a unit is in a segment or not. */
export interface SegmentTrace {
  readonly key: string;
  /** Path of the attribute that holds the unit of `include` and `exclude`, and the unit. */
  readonly by: Path;
  readonly unit: string | undefined;
  /** What decided; `none` when nothing put the unit in. */
  readonly how: 'excluded' | 'included' | 'rule' | 'none';
  /** Its rules in order, the one that holds last of those reached. */
  readonly rules: readonly ConditionTrace[];
}

/** One condition as it was tested, with negations moved down to the leaves: `not (a and b)` is shown as `not a or not b`. */
export interface ConditionTrace {
  readonly kind: Node['op'];
  /** The condition as authored, without the negations around it. */
  readonly condition: Condition;
  /** Whether a leaf is tested negated. `holds` includes it. */
  readonly negated: boolean;
  /** Whether it was tested; if not, an earlier one had decided. */
  readonly reached: boolean;
  readonly holds: boolean | undefined;
  /** Of `all` and `any`. */
  readonly parts: readonly ConditionTrace[];
  /** What stands at a clause's path. */
  readonly actual: unknown;
  /** How a clause met its attribute: a missing one, or one of the wrong type, makes it `ifMissing`, negated or not. */
  readonly found: 'value' | 'missing' | 'wrong type' | undefined;
  readonly segment: SegmentTrace | undefined;
  readonly bucket: BucketTrace | undefined;
}

/** How the variation was chosen. */
export interface ServeTrace {
  /** As authored. */
  readonly serve: Serve;
  /** What it gives, absent when there is no unit to bucket by. */
  readonly outcome: Resolution | undefined;
  /** The path of the sticky variation, what stands there, and whether it was served. */
  readonly sticky: { readonly path: Path; readonly actual: unknown; readonly hit: boolean } | undefined;
  /** Absent when no bucket was needed. */
  readonly bucket: BucketTrace | undefined;
  /** The range of buckets that the unit's lies in: `[from, to)`. */
  readonly slice: { readonly index: number; readonly from: number; readonly to: number } | undefined;
  /** Buckets that a progressive rollout has reached. */
  readonly width: number | undefined;
}

function traceBucket(buckets: Buckets, context: EvaluationContext): BucketTrace {
  const { path: by, salt, total } = buckets;
  const bucket = bucketOf(buckets, context);
  return { by, unit: readUnit(context, by), salt, total, bucket: bucket < 0 ? undefined : bucket };
}

function traceSegment(
  ruleset: CompiledRuleset,
  { key, path: by, include, exclude, rules }: CompiledSegment,
  context: EvaluationContext,
  now: number,
): SegmentTrace {
  const unit = readUnit(context, by);
  const listed = exclude.has(unit!) ? 'excluded' : include.has(unit!) ? 'included' : undefined;
  const authored = rulesOf(ruleset.segments.get(key) as Segment);
  const traces = traceConditions(ruleset, authored, rules, context, now, !listed, true);
  return { key, by, unit, how: listed ?? (traces.some((rule) => rule.holds) ? 'rule' : 'none'), rules: traces };
}

/** Traces conditions in order up to the first whose outcome is `until`. */
function traceConditions(
  ruleset: CompiledRuleset,
  authored: readonly Condition[],
  nodes: readonly Node[],
  context: EvaluationContext,
  now: number,
  reached: boolean,
  until: boolean,
): readonly ConditionTrace[] {
  let open = reached;
  return nodes.map((node, index) => {
    const trace = traceCondition(ruleset, authored[index]!, node, context, now, open);
    if (trace.holds === until) open = false;
    return trace;
  });
}

/** Traces a condition: the node says how it is tested, `authored` how it was written. */
export function traceCondition(
  ruleset: CompiledRuleset,
  authored: Condition,
  node: Node,
  context: EvaluationContext,
  now: number,
  reached: boolean,
): ConditionTrace {
  let condition = authored;
  while ('not' in condition) condition = condition.not;
  const { op, data, not } = node;
  const isClause = reached && op === 'clause';
  const actual = isClause ? readAttribute(context, data.path) : undefined;
  const list = 'all' in condition ? condition.all : 'any' in condition ? condition.any : [];
  return {
    kind: op,
    condition,
    negated: not,
    reached,
    holds: reached ? holds(node, context, now) : undefined,
    parts:
      op === 'all' || op === 'any' ? traceConditions(ruleset, list, data, context, now, reached, op === 'any') : [],
    actual,
    found: isClause
      ? testClause(data, context) !== undefined
        ? 'value'
        : actual === undefined
          ? 'missing'
          : 'wrong type'
      : undefined,
    segment: reached && op === 'segment' ? traceSegment(ruleset, data, context, now) : undefined,
    bucket: reached && op === 'bucket' ? traceBucket(data.buckets, context) : undefined,
  };
}

/** Traces what a rule or the fallthrough serves. */
export function traceServe(
  authored: Serve,
  served: CompiledServe,
  context: EvaluationContext,
  now: number,
): ServeTrace {
  const { buckets, outcomes, cuts, points, sticky: path } = served;
  const outcome = serve(served, context, now);
  const actual = path && readAttribute(context, path);
  const hit = path !== undefined && outcomes.some(({ variant }) => variant === actual);
  const bucket = buckets && !hit ? traceBucket(buckets, context) : undefined;
  const width = points && widthAt(points, now);
  const index = outcomes.indexOf(outcome!);
  const ends = width === undefined ? cuts : [width, buckets!.total];
  return {
    serve: authored,
    outcome,
    sticky: path === undefined ? path : { path, actual, hit },
    bucket,
    slice: bucket && outcome && { index, from: ends[index - 1] ?? 0, to: ends[index]! },
    width,
  };
}
