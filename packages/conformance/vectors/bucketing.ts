import { bucketOf, createRandom, hashOf, TEXTS } from './oracle.ts';

export interface HashVector {
  readonly text: string;
  readonly hash: number;
}

/** The hash alone. */
export function hashVectors(): readonly HashVector[] {
  return TEXTS.map((text) => ({ text, hash: hashOf(text) }));
}

export interface BucketVector {
  readonly salt: string;
  readonly unit: string;
  readonly total: number;
  readonly bucket: number;
}

/** Salt and unit to bucket, for every number of buckets of note. */
export function bucketVectors(): readonly BucketVector[] {
  const random = createRandom(7);
  const salts = ['checkout', 'λ', '\ud800', 'a:b', 's'.repeat(200)];
  const totals = [100_000, 1, 2, 3, 10, 1000, 65_536, 1_048_575, 1_048_576];
  const units = TEXTS.filter((text) => text !== '');
  return units
    .flatMap((unit) => [
      { salt: 'checkout', unit, total: 100_000 },
      { salt: salts[random(salts.length)] ?? '', unit, total: totals[random(totals.length)] ?? 1 },
    ])
    .map((each) => ({ ...each, bucket: bucketOf(each.salt, each.unit, each.total) }));
}
