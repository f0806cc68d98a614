import { BUCKETING, compileBuckets } from './bucket.ts';
import { fail, integerOf, listOf, nameOf, objectOf, stringOf } from './broken.ts';
import type { CompiledServe } from './compiled.ts';
import type { Scope } from './condition.ts';
import { bucketOf } from './bucket.ts';
import { type EvaluationContext, parsePath, readAttribute } from './context.ts';
import type { Resolution } from './resolution.ts';
import { compilePoints, widthAt } from './schedule.ts';

/** Makes the resolution of a variation by its name; sets the flag aside when there is none. */
export type Outcome = (variation: string, bucketed: boolean, experiment?: string) => Resolution;

const FIXED = { buckets: undefined, cuts: [], points: undefined, sticky: undefined };

/** Prepares what a rule or the fallthrough serves. */
export function compileServe(value: unknown, salt: string, scope: Scope, outcome: Outcome): CompiledServe {
  const raw = objectOf(value, 'variation split progress');
  if (Object.keys(raw).length !== 1) fail('MEMBER');
  if (raw['variation'] !== undefined) return { ...FIXED, outcomes: [outcome(stringOf(raw['variation']), false)] };
  if (raw['progress'] !== undefined) {
    const progress = objectOf(raw['progress'], `${BUCKETING} from to points`);
    const buckets = compileBuckets(progress, salt, scope.ruleset.bucketers);
    const points = compilePoints(progress['points'], buckets.total);
    scope.timed.push({ buckets, points });
    const outcomes = [outcome(stringOf(progress['to']), true), outcome(stringOf(progress['from']), true)];
    return { ...FIXED, buckets, points, outcomes };
  }
  const split = objectOf(raw['split'], `${BUCKETING} slices sticky experiment`);
  const buckets = compileBuckets(split, salt, scope.ruleset.bucketers);
  const experiment = split['experiment'] === undefined ? undefined : stringOf(split['experiment']);
  const cuts: number[] = [];
  const outcomes: Resolution[] = [];
  let sum = 0;
  for (const slice of listOf(split['slices'])) {
    const [variation, width, ...more] = listOf(slice);
    if (more.length) fail('TYPE');
    sum += integerOf(width, 0, buckets.total);
    cuts.push(sum);
    outcomes.push(outcome(stringOf(variation), true, experiment));
  }
  if (sum !== buckets.total) fail('SPLIT');
  const sticky = split['sticky'] === undefined ? undefined : parsePath(nameOf(split['sticky']));
  return { buckets, cuts, outcomes, points: undefined, sticky };
}

/** What is served to this context, `undefined` when it has no unit to bucket by. */
export function serve(served: CompiledServe, context: EvaluationContext, now: number): Resolution | undefined {
  const { buckets, outcomes } = served;
  if (!buckets) return outcomes[0];
  if (served.sticky !== undefined) {
    const kept = readAttribute(context, served.sticky);
    for (const outcome of outcomes) if (outcome.variant === kept) return outcome;
  }
  const bucket = bucketOf(buckets, context);
  if (bucket < 0) return undefined;
  if (served.points) return outcomes[bucket < widthAt(served.points, now) ? 0 : 1];
  let slice = 0;
  while (bucket >= served.cuts[slice]!) slice++;
  return outcomes[slice];
}
