import { fail } from './broken.ts';
import { BUCKETING, bucketOf, compileBuckets } from './bucket.ts';
import type { CompiledServe } from './compiled.ts';
import { type EvaluationContext, parsePath, readAttribute } from './context.ts';
import type { Resolution } from './resolution.ts';
import type { Progress, Split } from './ruleset.ts';
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
  const fixed = { buckets: undefined, cuts: [], points: undefined, sticky: undefined };
  if (variation !== undefined) return { ...fixed, outcomes: [outcome(variation)] };
  const isSplit = progress === undefined;
  const own = shape<Split & Progress>(
    isSplit ? split : progress,
    BUCKETING + (isSplit ? 'slices:a sticky:n? experiment:s?' : 'from:s to:s points:a'),
  );
  const buckets = compileBuckets(own, salt, scope.ruleset.bucketers);
  const { slices, sticky, experiment, from, to, points } = own;
  charge(scope, (slices ?? points).length);
  if (!isSplit) {
    const outcomes = [outcome(to, true), outcome(from, true)];
    return { ...fixed, buckets, outcomes, points: compilePoints(points, buckets.total) };
  }
  let sum = 0;
  const cuts = slices.map((slice) => (sum += integer(pair<string, number>(slice)[1], 0, buckets.total)));
  if (sum !== buckets.total) fail('SPLIT');
  const outcomes = slices.map(([name]) => outcome(name, true, experiment));
  return { ...fixed, buckets, outcomes, cuts, sticky: sticky && parsePath(sticky) };
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
