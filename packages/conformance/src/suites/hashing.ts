import { xxh32 } from '@flags/core';
import { addToHash, entryHash, formatStateHash, removeFromHash, stateHash } from '@flags/sync';
import type { Vectors } from '../../vectors/read.ts';
import { expectSame } from './case.ts';
import type { Case } from './case.ts';
import { read, when } from './reading.ts';

const FLAGS = [
  ['a', { version: 1, digest: 'd1' }],
  ['__proto__', { version: 2, digest: 'd2' }],
  ['größe 😀', { version: 3, digest: 'd3' }],
] as const;
const SEGMENTS = [['a', { version: 4, digest: 'd4' }]] as const;

/** xxh32, buckets, and the hash that positions carry. */
export function hashingCases({ xxh32: hashes, bucketing }: Vectors): readonly Case[] {
  return [
    ...hashes.map(({ text, hash }) => ({
      name: `xxh32 of ${JSON.stringify(text)}`,
      run: () => expectSame(xxh32(text), hash),
    })),
    ...bucketing.map((vector) => ({
      name: `bucket of ${JSON.stringify(vector)}`,
      run: () => {
        const { salt, unit, total, bucket } = vector;
        const isIn = (from: number, to: number): boolean =>
          read(when({ bucket: { salt, total, from, to } }), { targetingKey: unit }, 0).variant === 'on';
        expectSame([isIn(bucket, bucket + 1), isIn(0, bucket), isIn(bucket + 1, total)], [true, false, false]);
      },
    })),
    {
      name: 'a long text',
      run: () => xxh32('0123456789äöü€😀'.repeat(20_000)),
    },
    {
      name: 'the state hash is a sum of entries, in any order',
      run: () => {
        // The sum that the protocol names, by hand.
        const texts = ['flag/a@1#d1', 'flag/__proto__@2#d2', 'flag/größe 😀@3#d3', 'segment/a@4#d4'];
        const sum = texts.reduce((total, text) => (total + xxh32(text)) % 2 ** 32, 0);
        const entries = { flags: [...FLAGS], segments: [...SEGMENTS] };
        expectSame(stateHash(entries), sum);
        expectSame(stateHash({ ...entries, flags: [...FLAGS].reverse() }), sum);
        return formatStateHash(sum);
      },
    },
    {
      name: 'shares are added to the state hash and taken from it',
      run: () => {
        const [[key, before]] = FLAGS;
        const start = stateHash({ flags: [...FLAGS], segments: [...SEGMENTS] });
        const without = removeFromHash(start, entryHash('flag', key, before));
        expectSame(without, stateHash({ flags: FLAGS.slice(1), segments: [...SEGMENTS] }));
        expectSame(addToHash(without, entryHash('flag', key, before)), start);
        expectSame([addToHash(0xffffffff, 2), removeFromHash(1, 2)], [1, 0xffffffff]);
      },
    },
  ];
}
