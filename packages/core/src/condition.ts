import { BUCKETING, bucketOf, compileBuckets } from './bucket.ts';
import { fail, integerOf, listOf, nameOf, objectOf, type ProblemCode, type Raw, stringOf } from './broken.ts';
import type { ClauseNode, CompiledRuleset, CompiledSegment, Node, Range, Rollout } from './compiled.ts';
import { type EvaluationContext, readUnit } from './context.ts';
import { MAX_CONDITION_DEPTH, MAX_STEPS } from './limits.ts';
import { clauseHolds, compileClause } from './operators.ts';
import { compileWindow, inWindow, type Window } from './schedule.ts';

/** What is known while one entry is compiled. */
export interface Scope {
  readonly ruleset: CompiledRuleset;
  /** The compiled segment of that name, or the reason why it has none. */
  readonly segment: (key: string, nesting: number) => CompiledSegment | ProblemCode;
  readonly nesting: number;
  readonly refs: Set<string>;
  readonly timed: (Window | Rollout)[];
  steps: number;
  depth: number;
}

/** Counts what a read may have to do, and sets aside an entry that asks for too much. */
export function charge(scope: Scope, steps: number): void {
  scope.steps += steps;
  if (scope.steps > MAX_STEPS) fail('LIMIT');
}

function node<Op extends Node['op'], Data>(op: Op, data: Data, not: boolean) {
  return { op, data, path: '', as: undefined, fold: false, not, missing: false };
}

function referTo(scope: Scope, key: string): CompiledSegment {
  scope.refs.add(`segment/${key}`);
  const segment = scope.segment(key, scope.nesting + 1);
  if (typeof segment === 'string') return fail(segment);
  for (const ref of segment.refs) scope.refs.add(ref);
  scope.timed.push(...segment.timed);
  scope.depth = Math.max(scope.depth, segment.depth + 1);
  charge(scope, segment.steps);
  return segment;
}

/** Prepares a condition with all its negations pushed to the leaves. */
export function compileCondition(value: unknown, scope: Scope, not = false, depth = 0): Node {
  charge(scope, 1);
  if (depth > MAX_CONDITION_DEPTH) fail('LIMIT');
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, 'attr')) return compileClause(value, not);
  const raw = objectOf(value, 'all any not segment time bucket');
  const [kind, ...more] = Object.keys(raw);
  if (kind === undefined || more.length) return fail('MEMBER');
  const operand = raw[kind];
  switch (kind) {
    case 'all':
    case 'any': {
      const parts = listOf(operand).map((part) => compileCondition(part, scope, not, depth + 1));
      return node((kind === 'all') === not ? 'any' : 'all', parts, false);
    }
    case 'not':
      return compileCondition(operand, scope, !not, depth + 1);
    case 'segment':
      return node('segment', referTo(scope, stringOf(operand)), not);
    case 'time': {
      const window = compileWindow(operand);
      scope.timed.push(window);
      return node('time', window, not);
    }
    default:
      return node('bucket', compileRange(objectOf(operand, `${BUCKETING} from to`), scope), not);
  }
}

function compileRange(raw: Raw, scope: Scope): Range {
  const buckets = compileBuckets(raw, nameOf(raw['salt']), scope.ruleset.bucketers);
  const from = integerOf(raw['from'], 0, buckets.total);
  return { buckets, from, to: integerOf(raw['to'], from, buckets.total) };
}

/** Whether the condition holds for this context at this time (epoch ms). */
export function holds(condition: Node, context: EvaluationContext, now: number): boolean {
  switch (condition.op) {
    case 'all':
      for (const part of condition.data) if (!holds(part, context, now)) return false;
      return true;
    case 'any':
      for (const part of condition.data) if (holds(part, context, now)) return true;
      return false;
    case 'segment':
      return isMember(condition.data, context, now) !== condition.not;
    case 'time':
      return inWindow(condition.data, now) !== condition.not;
    case 'bucket': {
      const bucket = bucketOf(condition.data.buckets, context);
      // A context without a unit is in no bucket and in no complement of one.
      return bucket >= 0 && (bucket >= condition.data.from && bucket < condition.data.to) !== condition.not;
    }
    default:
      return clauseHolds(condition as ClauseNode, context);
  }
}

/** Segment membership: `exclude` says no, then `include` says yes, then any of the rules. */
export function isMember(segment: CompiledSegment, context: EvaluationContext, now: number): boolean {
  if (segment.include.size || segment.exclude.size) {
    const unit = readUnit(context, segment.path);
    if (unit !== undefined) {
      if (segment.exclude.has(unit)) return false;
      if (segment.include.has(unit)) return true;
    }
  }
  for (const rule of segment.rules) if (holds(rule, context, now)) return true;
  return false;
}
