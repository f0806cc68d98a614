import { xxh32 } from '@flags/core';
import type { Later } from './later.ts';
import { proceedAll, proceed } from './later.ts';
import type { EntryKind } from './state-hash.ts';

// The bytes are specified in the relay's docs/configuration.md, and frozen by a test. Two levels of fixed width: one change costs two hashes.

/** SHA-256 of a text as UTF-8: 64 lower-case hexadecimal digits. */
export type HashText = (text: string) => Later<string>;

/** A Merkle tree over the digests of a view's entries. Never changed in place. */
export interface RootTree {
  /** 64 hexadecimal digits. */
  readonly root: string;
  readonly buckets: readonly RootBucket[];
}

/** Entries whose keys hash alike. */
export interface RootBucket {
  readonly hash: string;
  /** Digests by `kind/key`. */
  readonly digests: ReadonlyMap<string, string>;
}

/** A new digest of an entry; `undefined` for one that is gone. */
export type DigestChange = readonly [kind: EntryKind, key: string, digest: string | undefined];

const BUCKETS = 256;
// The SHA-256 of nothing.
const EMPTY: RootBucket = {
  hash: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  digests: new Map(),
};

/** The tree after these changes, in O(changed) hashes; without a tree, of just these entries. */
export function updateRoot(
  tree: RootTree | undefined,
  changes: Iterable<DigestChange>,
  sha256: HashText,
): Later<RootTree> {
  const buckets = Array.from({ length: BUCKETS }, (_, index) => tree?.buckets[index] ?? EMPTY);
  const touched = new Map<number, Map<string, string>>();
  for (const [kind, key, digest] of changes) {
    const index = xxh32(key) & (BUCKETS - 1);
    let digests = touched.get(index);
    if (digests === undefined) touched.set(index, (digests = new Map(buckets[index]?.digests)));
    if (digest === undefined) digests.delete(`${kind}/${key}`);
    else digests.set(`${kind}/${key}`, digest);
  }
  const hashes = Array.from(touched.values(), (digests) => sha256(textOf(digests)));
  return proceedAll(hashes, (known) => {
    let next = 0;
    for (const [index, digests] of touched) buckets[index] = { hash: known[next++] as string, digests };
    return proceed(sha256(buckets.map(({ hash }) => hash).join('')), (root) => ({ root, buckets }));
  });
}

function textOf(digests: ReadonlyMap<string, string>): string {
  const lines = Array.from(digests, ([id, digest]) => `${id}#${digest}\n`);
  return lines.sort().join('');
}
