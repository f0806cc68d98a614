import { bucketOf } from './bucket.ts';
import { compiledFlags } from './compile.ts';
import type { CompiledRuleset, Rollout } from './compiled.ts';
import type { EvaluationContext } from './context.ts';
import { dependenciesOf } from './dependencies.ts';
import { compileFlag } from './flag.ts';
import { nextCrossing, nextEdge } from './schedule.ts';

function crossing(
  { buckets, points }: Rollout,
  now: number,
  context: EvaluationContext | undefined,
): number | undefined {
  if (!context) return nextCrossing(points, now);
  try {
    const bucket = bucketOf(buckets, context);
    return bucket < 0 ? undefined : nextCrossing(points, now, bucket);
  } catch {
    // Reading the flag gives an error for this context, now and later.
    return undefined;
  }
}

/**
 * The next instant after `now` (epoch ms) at which the clock alone may change an answer, `undefined` when none will. With
 * a context, a progressive rollout counts when this unit changes sides; without one, at each of its points. With a key, the
 * answers of that flag alone count.
 */
export function nextChangeAt(
  compiled: CompiledRuleset,
  now: number,
  context?: EvaluationContext,
  key?: string,
): number | undefined {
  let next = Infinity;
  // Those of a segment are everyone's who refers to it.
  const seen = new Set<unknown>();
  for (const flag of key === undefined ? compiledFlags(compiled) : [compileFlag(compiled, key)]) {
    if (typeof flag !== 'object' || !flag.enabled) continue;
    for (const timed of dependenciesOf(flag)) {
      if (typeof timed === 'string' || seen.size === seen.add(timed).size) continue;
      const at = 'points' in timed ? crossing(timed, now, context) : nextEdge(timed, now);
      if (at !== undefined && at < next) next = at;
    }
  }
  return next === Infinity ? undefined : next;
}
