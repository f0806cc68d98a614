import { nameOf, fail, integerOf, type Raw } from './broken.ts';
import { type EvaluationContext, parsePath, type Path, readUnit } from './context.ts';
import { DEFAULT_TOTAL, MAX_TOTAL } from './limits.ts';
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

// Room for a UUID and then some; a longer unit, or one that is not ASCII, takes the slower way.
const UNIT_ROOM = 48;

/** Members of a split, a progress and a bucket condition that this file reads. */
export const BUCKETING = 'by salt bucketer total';

export function compileBuckets(raw: Raw, salt: string, bucketers: Readonly<Record<string, Bucketer>>): Buckets {
  const by = raw['by'] === undefined ? 'targetingKey' : parsePath(nameOf(raw['by']));
  const ownSalt = raw['salt'] === undefined ? salt : nameOf(raw['salt']);
  const total = raw['total'] === undefined ? DEFAULT_TOTAL : integerOf(raw['total'], 1, MAX_TOTAL);
  let bucketer: Bucketer | undefined;
  if (raw['bucketer'] !== undefined) {
    const name = nameOf(raw['bucketer']);
    bucketer = Object.hasOwn(bucketers, name) ? bucketers[name] : fail('BUCKETER');
  }
  const start = encodeUtf8(`${ownSalt}:`);
  const bytes = new Uint8Array(start.length + UNIT_ROOM);
  bytes.set(start);
  return { path: by, salt: ownSalt, total, bucketer, bytes, prefix: start.length };
}

/** XXH32 of `salt + ":" + unit`. */
function hashUnit(buckets: Buckets, unit: string): number {
  const { bytes, prefix } = buckets;
  const end = prefix + unit.length;
  if (end > bytes.length) return xxh32(`${buckets.salt}:${unit}`);
  for (let at = 0; at < unit.length; at++) {
    const code = unit.charCodeAt(at);
    if (code > 127) return xxh32(`${buckets.salt}:${unit}`);
    bytes[prefix + at] = code;
  }
  return hashBytes(bytes, end);
}

/** The unit's bucket, from 0 to `total` − 1, or −1 when the context has no unit. */
export function bucketOf(buckets: Buckets, context: EvaluationContext): number {
  const unit = readUnit(context, buckets.path);
  if (unit === undefined) return -1;
  if (buckets.bucketer) return buckets.bucketer(buckets.salt, unit, buckets.total);
  // The product is below 2^52 and the division exact, so every engine gives the same integer.
  return Math.floor((hashUnit(buckets, unit) * buckets.total) / 2 ** 32);
}
