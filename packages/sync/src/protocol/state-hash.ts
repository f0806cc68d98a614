import { xxh32 } from '@flags/core';

/** What an entry of a ruleset is; part of its hash, so that a flag and a segment of one name differ. */
export type EntryKind = 'flag' | 'segment';

/** The entries of one view, as raw JSON by key. A `CompiledRuleset` is one. */
export interface Entries {
  readonly flags: Iterable<readonly [key: string, entry: unknown]>;
  readonly segments: Iterable<readonly [key: string, entry: unknown]>;
}

/**
 * The share of one entry in the state hash: `xxh32(kind + "/" + key + "@" + version + "#" + digest)`, an unsigned
 * 32-bit integer. Only the header counts. Broken entries count too: a missing or wrong-typed header member is empty,
 * so that two sides that hold the same broken entry agree.
 */
export function entryHash(kind: EntryKind, key: string, entry: unknown): number {
  const version = ownMember(entry, 'version');
  const digest = ownMember(entry, 'digest');
  const versionText = typeof version === 'number' ? String(version) : '';
  const digestText = typeof digest === 'string' ? digest : '';
  return xxh32(`${kind}/${key}@${versionText}#${digestText}`);
}

/** Adds an entry's share to a state hash. The sum is taken modulo 2^32, so order does not matter. */
export function addToHash(hash: number, share: number): number {
  return (hash + share) >>> 0;
}

/** Takes an entry's share out of a state hash. */
export function removeFromHash(hash: number, share: number): number {
  return (hash - share) >>> 0;
}

/** The state hash of a whole view; 0 when it is empty. Later changes cost only what they touch: add and remove shares. */
export function stateHash(entries: Entries): number {
  let hash = 0;
  for (const [key, entry] of entries.flags) hash = addToHash(hash, entryHash('flag', key, entry));
  for (const [key, entry] of entries.segments) hash = addToHash(hash, entryHash('segment', key, entry));
  return hash;
}

/** Writes a state hash as it stands in a position: 8 lower-case hexadecimal digits. */
export function formatStateHash(hash: number): string {
  return hash.toString(16).padStart(8, '0');
}

function ownMember(entry: unknown, name: string): unknown {
  return typeof entry === 'object' && entry !== null && Object.hasOwn(entry, name)
    ? (entry as Record<string, unknown>)[name]
    : undefined;
}
