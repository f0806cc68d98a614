import type { Bucketing } from '@flags/core';
import { bucketOf as bucketOfUnit } from '../../../vectors/oracle.ts';
import { bucketers } from '../bucketers.ts';
import { type Context, unitAt } from './context.ts';

/** The unit's bucket, `undefined` when the context has no unit. */
export function bucketOf(bucketing: Bucketing, defaultSalt: string, context: Context): number | undefined {
  const { by = 'targetingKey', salt = defaultSalt, bucketer, total = 100_000 } = bucketing;
  const unit = unitAt(context, by);
  if (unit === undefined) return undefined;
  const other = bucketer === undefined ? undefined : bucketers[bucketer];
  if (!other) return bucketOfUnit(salt, unit, total);
  const bucket = other(salt, unit, total);
  if (!Number.isInteger(bucket) || bucket < 0 || bucket >= total) throw new Error('This is no bucket.');
  return bucket;
}

/** The width a progress has reached: on the straight line between two points, rounded down. */
export function widthAt(points: readonly (readonly [at: number, width: number])[], now: number): number {
  const before = points.findLast(([at]) => at <= now);
  const after = points.find(([at]) => at > now);
  if (!before || !after) return (before ?? after)?.[1] ?? 0;
  // In thousandths of a millisecond, so that whole numbers hold every time that is asked for.
  const micro = (ms: number): bigint => BigInt(Math.round(ms * 1000));
  const [rise, run] = [
    BigInt(after[1] - before[1]) * (micro(now) - micro(before[0])),
    micro(after[0]) - micro(before[0]),
  ];
  const down = rise < 0n && rise % run !== 0n ? 1n : 0n;
  return before[1] + Number(rise / run - down);
}
