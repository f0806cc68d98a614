import { fail } from './broken.ts';
import { BUCKETING, bucketOf, compileBuckets } from './bucket.ts';
import type { CompiledServe } from './compiled.ts';
import { type EvaluationContext, parsePath, readAttribute } from './context.ts';
import type { Resolution } from './resolution.ts';
import type { Bucketing, Progress, Split } from './ruleset.ts';
import { compilePoints, widthAt } from './schedule.ts';
import { charge, type Scope } from './scope.ts';
import { integer, pair, shape } from './shape.ts';

/** Makes the resolution of a variation by its name; sets the flag aside when there is none. */
export type Outcome = (variation: string, bucketed?: boolean, experiment?: string) => Resolution;

interface Serves {
  readonly variation?: string;
  readonly split?: unknown;
  readonly progress?: unknown;
}

/** Prepares what a rule or the fallthrough serves. */
export function compileServe(raw: unknown, salt: string, scope: Scope, outcome: Outcome): CompiledServe {
  const serves = shape<Serves>(raw, 'variation:s? split:v? progress:v?');
  if (Object.keys(serves).length !== 1) fail('MEMBER');
  const { variation, split, progress } = serves;
  const prepared = {
    buckets: undefined,
    outcomes: [] as Resolution[],
    cuts: [] as number[],
    points: undefined,
    sticky: undefined,
  };
  const bucketsOf = (bucketing: Bucketing) => compileBuckets(bucketing, salt, scope.ruleset.bucketers);
  if (variation !== undefined) {
    prepared.outcomes.push(outcome(variation));
    return prepared;
  }
  if (progress !== undefined) {
    const own = shape<Progress>(progress, `${BUCKETING}from:s to:s points:a`);
    const buckets = bucketsOf(own);
    const { from, to, points } = own;
    charge(scope, points.length);
    const rollout = { buckets, points: compilePoints(points, buckets.total) };
    return { ...prepared, ...rollout, outcomes: [outcome(to, true), outcome(from, true)] };
  }
  const own = shape<Split>(split, `${BUCKETING}slices:a sticky:n? experiment:s?`);
  const buckets = bucketsOf(own);
  const { slices, sticky, experiment } = own;
  charge(scope, slices.length);
  let sum = 0;
  for (const slice of slices) {
    const [name, width] = pair<string, number>(slice);
    prepared.cuts.push((sum += integer(width, 0, buckets.total)));
    prepared.outcomes.push(outcome(name, true, experiment));
  }
  if (sum !== buckets.total) fail('SPLIT');
  return { ...prepared, buckets, sticky: sticky && parsePath(sticky) };
}

/** What is served to this context, `undefined` when it has no unit to bucket by. */
export function serve(served: CompiledServe, context: EvaluationContext, now: number): Resolution | undefined {
  const { buckets, outcomes, cuts, points, sticky } = served;
  if (!buckets) return outcomes[0];
  if (sticky) {
    const kept = readAttribute(context, sticky);
    for (const outcome of outcomes) if (outcome.variant === kept) return outcome;
  }
  const bucket = bucketOf(buckets, context);
  if (points) return outcomes[bucket < 0 ? 2 : bucket < widthAt(points, now) ? 0 : 1];
  let slice = bucket < 0 ? cuts.length : 0;
  while (bucket >= cuts[slice]!) slice++;
  return outcomes[slice];
}
