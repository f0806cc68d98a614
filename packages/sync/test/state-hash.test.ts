import { xxh32 } from '@flags/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addToHash, entryHash, formatStateHash, removeFromHash, stateHash } from '../src/index.ts';

const entry = fc.record({ version: fc.nat(), digest: fc.string() });
const entries = fc.dictionary(fc.string(), entry).map((record) => Object.entries(record));

test('an entry counts by kind, key, version and digest', () => {
  expect(entryHash('flag', 'a', { version: 7, digest: 'd', other: 1 })).toBe(xxh32('flag/a@7#d'));
  expect(entryHash('segment', 'a', { version: 7, digest: 'd' })).toBe(xxh32('segment/a@7#d'));
});

test.each([null, 7, 'text', [], {}, { version: '7', digest: 7 }, Object.create({ version: 7, digest: 'd' })])(
  'a broken entry counts with an empty header: %j',
  (broken) => {
    expect(entryHash('flag', 'a', broken)).toBe(xxh32('flag/a@#'));
  },
);

test('the state hash does not depend on the order of entries', () => {
  fc.assert(
    fc.property(entries, entries, (flags, segments) => {
      const hash = stateHash({ flags, segments });
      expect(stateHash({ flags: [...flags].reverse(), segments: [...segments].reverse() })).toBe(hash);
    }),
  );
});

test('adding and removing shares gives what hashing everything anew gives', () => {
  fc.assert(
    fc.property(entries, fc.string(), entry, entry, (flags, key, before, after) => {
      const others = flags.filter(([name]) => name !== key);
      const start = stateHash({ flags: [...others, [key, before]], segments: [] });
      const changed = addToHash(removeFromHash(start, entryHash('flag', key, before)), entryHash('flag', key, after));
      expect(changed).toBe(stateHash({ flags: [...others, [key, after]], segments: [] }));
    }),
  );
});

test('a hash is written as 8 hexadecimal digits', () => {
  expect(formatStateHash(0)).toBe('00000000');
  expect(formatStateHash(0xabc)).toBe('00000abc');
  expect(formatStateHash(addToHash(0xffffffff, 0))).toBe('ffffffff');
  expect(addToHash(0xffffffff, 2)).toBe(1);
  expect(removeFromHash(1, 2)).toBe(0xffffffff);
});
