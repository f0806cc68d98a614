import { fail } from './broken.ts';
import { type EvaluationContext, parsePath, type Path, readUnit } from './context.ts';
import { DEFAULT_TOTAL, MAX_TOTAL } from './limits.ts';
import type { Bucketing } from './ruleset.ts';
import { integer } from './shape.ts';
import { encodeUtf8, hashBytes, xxh32 } from './xxh32.ts';

/**
 * Another hash, for flags that come from elsewhere and have to keep every unit's variation.
 * Gives an integer from 0 to `total` − 1, always the same for the same arguments.
 */
export type Bucketer = (salt: string, unit: string, total: number) => number;

/** How a unit finds its bucket, prepared once. */
export interface Buckets {
  readonly path: Path;
  readonly salt: string;
  readonly total: number;
  readonly bucketer: Bucketer | undefined;
  /** `salt + ":"` in UTF-8 with room for a unit behind it, so that a read encodes the unit alone. */
  readonly bytes: Uint8Array;
  readonly prefix: number;
}

/** The members that `compileBuckets` reads. */
export const BUCKETING = 'by:n? salt:n? bucketer:n? total:i? ';

// Room for a UUID and then some; a longer unit, or one that is not ASCII, takes the slower way.
const UNIT_ROOM = 48;

/** Prepares how units find their buckets; `ownSalt` counts where `raw` names none. */
export function compileBuckets(
  raw: Bucketing,
  ownSalt: string,
  bucketers: Readonly<Record<string, Bucketer>>,
): Buckets {
  const { by, salt = ownSalt, bucketer: name, total = DEFAULT_TOTAL } = raw;
  const start = encodeUtf8(`${salt}:`);
  const bytes = new Uint8Array(start.length + UNIT_ROOM);
  bytes.set(start);
  const bucketer = name === undefined ? name : Object.hasOwn(bucketers, name) ? bucketers[name] : fail('BUCKETER');
  return { path: parsePath(by), salt, total: integer(total, 1, MAX_TOTAL), bucketer, bytes, prefix: start.length };
}

/** XXH32 of `salt + ":" + unit`. */
function hashUnit({ bytes, prefix, salt }: Buckets, unit: string): number {
  let end = prefix;
  if (end + unit.length <= bytes.length) {
    for (let at = 0, code; at < unit.length && (code = unit.charCodeAt(at)) < 128; at++) bytes[end++] = code;
  }
  return end - prefix === unit.length ? hashBytes(bytes, end) : xxh32(`${salt}:${unit}`);
}

/** The unit's bucket, from 0 to `total` − 1, or −1 when the context has no unit. */
export function bucketOf(buckets: Buckets, context: EvaluationContext): number {
  const unit = readUnit(context, buckets.path);
  if (unit === undefined) return -1;
  // One that gives what is no bucket has failed, and its caller is told so.
  if (buckets.bucketer) return integer(buckets.bucketer(buckets.salt, unit, buckets.total), 0, buckets.total - 1);
  // The product is below 2^52 and the division exact, so every engine gives the same integer.
  return Math.floor((hashUnit(buckets, unit) * buckets.total) / 2 ** 32);
}
