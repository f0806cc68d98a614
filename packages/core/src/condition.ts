import { fail } from './broken.ts';
import { BUCKETING, bucketOf, compileBuckets } from './bucket.ts';
import type { CompiledSegment, Node } from './compiled.ts';
import { type EvaluationContext, readUnit } from './context.ts';
import { MAX_CONDITION_DEPTH } from './limits.ts';
import { compileClause, stepsOf, testClause } from './operators.ts';
import type { BucketRange } from './ruleset.ts';
import { compileWindow, inWindow } from './schedule.ts';
import { charge, type Scope } from './scope.ts';
import { integer, isObject, shape } from './shape.ts';

interface Groups {
  readonly all?: readonly unknown[];
  readonly any?: readonly unknown[];
  readonly not?: unknown;
  readonly segment?: string;
  readonly time?: unknown;
  readonly bucket?: unknown;
}

/** The members of a condition that is no clause, in the words of `shape`. */
export const CONDITION_MEMBERS = 'all:a? any:a? not:v? segment:s? time:v? bucket:v?';

/** Prepares a condition with all its negations pushed to the leaves. */
export function compileCondition(raw: unknown, scope: Scope, not = false, nesting = 0): Node {
  charge(scope, 1);
  if (nesting > MAX_CONDITION_DEPTH) fail('LIMIT');
  if (isObject(raw) && Object.hasOwn(raw, 'attr')) {
    const data = compileClause(raw, not);
    charge(scope, stepsOf(data));
    return { op: 'clause', data, not };
  }
  const groups = shape<Groups>(raw, CONDITION_MEMBERS);
  const { all, any, segment: key, time, bucket } = groups;
  if (Object.keys(groups).length !== 1) fail('MEMBER');
  const parts = all ?? any;
  if (parts) {
    const data = parts.map((part) => compileCondition(part, scope, not, nesting + 1));
    return { op: !all === not ? 'all' : 'any', data, not: false };
  }
  if (key !== undefined) {
    const found = scope.segment(key, scope.nesting + 1);
    // Why the segment is broken may depend on which was compiled first; that it is does not, and a flag says just that.
    const segment = typeof found === 'string' ? fail(scope.nesting ? found : 'SEGMENT') : found;
    charge(scope, segment.steps + 1);
    scope.depth = Math.max(scope.depth, segment.depth + 1);
    return { op: 'segment', data: segment, not };
  }
  if (time !== undefined) {
    const window = compileWindow(time);
    charge(scope, window.offsets.length);
    return { op: 'time', data: window, not };
  }
  if (bucket === undefined) return compileCondition(groups.not, scope, !not, nesting + 1);
  const range = shape<BucketRange>(bucket, `${BUCKETING}from:i to:i`);
  const buckets = compileBuckets(range, range.salt ?? fail('TYPE'), scope.ruleset.bucketers);
  const from = integer(range.from, 0, buckets.total);
  return { op: 'bucket', data: { buckets, from, to: integer(range.to, from, buckets.total) }, not };
}

/** Whether the condition holds for this context at this time (epoch ms). */
export function holds(node: Node, context: EvaluationContext, now: number): boolean {
  switch (node.op) {
    case 'clause': {
      const outcome = testClause(node.data, context);
      return outcome === undefined ? node.data.missing : outcome !== node.not;
    }
    case 'all':
    case 'any': {
      const isAny = node.op === 'any';
      const parts = node.data;
      // Indexed, here and below: half the time of an iterator, on the path that every rule takes.
      for (let at = 0; at < parts.length; at++) if (holds(parts[at]!, context, now) === isAny) return isAny;
      return !isAny;
    }
    case 'segment':
      return isMember(node.data, context, now) !== node.not;
    case 'time':
      return inWindow(node.data, now) !== node.not;
    case 'bucket': {
      const { buckets, from, to } = node.data;
      const bucket = bucketOf(buckets, context);
      // A context without a unit is in no bucket and in no complement of one.
      return bucket >= 0 && (bucket >= from && bucket < to) !== node.not;
    }
  }
}

/** Segment membership: `exclude` says no, then `include` says yes, then any of the rules. */
function isMember(
  { include: yes, exclude, path, rules }: CompiledSegment,
  context: EvaluationContext,
  now: number,
): boolean {
  const unit = readUnit(context, path);
  if (unit !== undefined) {
    if (exclude.has(unit)) return false;
    if (yes.has(unit)) return true;
  }
  for (const rule of rules) if (holds(rule, context, now)) return true;
  return false;
}
