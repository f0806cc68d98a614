import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { sealText, updateRoot } from '@flags/sync';
import type { DigestChange, RootTree } from '@flags/sync';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function rootOf(changes: Iterable<DigestChange>, tree?: RootTree, hash = sha256): RootTree {
  const next = updateRoot(tree, changes, hash);
  if (next instanceof Promise) throw new Error('this hash is there at once');
  return next;
}

// Frozen: signatures of any age have to verify. Computed apart from this code, in another language.
test('is the same in every version', () => {
  expect(rootOf([]).root).toBe(GOLDEN.empty);
  expect(
    rootOf([
      ['flag', 'a', '1'.repeat(64)],
      ['segment', 'a', '2'.repeat(64)],
      ['flag', 'é', '3'.repeat(64)],
    ]).root,
  ).toBe(GOLDEN.three);
  const state = { environment: 'prod', view: 'client', epoch: 'e1', version: 7, root: 'r', keyId: 'k' } as const;
  expect(sealText(state)).toBe(
    '{"environment":"prod","epoch":"e1","format":1,"keyId":"k","root":"r","version":7,"view":"client"}',
  );
});

const GOLDEN = {
  empty: 'b043621ad25433d75343f31616b71f9f0439021a5ff72de369e33e82bd8d7583',
  three: '37280ab53a1f296e85563908c88245ad9bcd9a5f9f741f077952ed0f0db7918f',
};

const key = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'é', 'k1', 'k2', 'k3');
const change = fc.tuple(
  fc.constantFrom('flag', 'segment'),
  key,
  fc.option(fc.constantFrom('x', 'y', 'z'), { nil: undefined }),
);

test('depends on what there is alone, not on how it came about', () => {
  fc.assert(
    fc.property(fc.array(fc.array(change as fc.Arbitrary<DigestChange>)), (batches) => {
      const state = new Map<string, DigestChange>();
      let tree: RootTree | undefined;
      for (const batch of batches) {
        tree = rootOf(batch, tree);
        for (const one of batch) state.set(`${one[0]}/${one[1]}`, one);
      }
      const left = Array.from(state.values()).filter(([, , digest]) => digest !== undefined);
      expect(tree?.root ?? rootOf([]).root).toBe(rootOf(left.reverse()).root);
    }),
  );
});

test('costs two hashes a change, of as much text whatever there is', () => {
  const cost = (count: number): { readonly calls: number; readonly length: number } => {
    const all = Array.from({ length: count }, (_, index): DigestChange => [
      'flag',
      `flag-${index}`,
      sha256(`${index}`),
    ]);
    const tree = rootOf(all);
    let calls = 0;
    let length = 0;
    const after = rootOf([['flag', 'flag-7', sha256('new')]], tree, (text) => {
      calls += 1;
      length += text.length;
      return sha256(text);
    });
    expect(after.buckets.filter((bucket, index) => bucket !== tree.buckets[index])).toHaveLength(1);
    return { calls, length };
  };
  expect(cost(20_000).calls).toBe(2);
  // 256 hashes, and a 256th of the entries.
  expect(cost(20_000).length).toBeLessThan(256 * 64 + (20_000 / 256) * 2 * 90);
});
