import type { Flag, Segment } from '@flags/core';

/** Flags and segments by key. Any name is an ordinary key. */
export interface Entries {
  readonly flags: ReadonlyMap<string, Flag>;
  readonly segments: ReadonlyMap<string, Segment>;
}

/** New forms of entries by key; `null` for one that is gone. */
export interface EntryChanges {
  readonly flags: ReadonlyMap<string, Flag | null>;
  readonly segments: ReadonlyMap<string, Segment | null>;
}

/** What turns `before` into `after`. Entries with the same version and digest are the same. */
export function diffEntries(before: Entries, after: Entries): EntryChanges {
  return { flags: diffKind(before.flags, after.flags), segments: diffKind(before.segments, after.segments) };
}

/** Leaves out of a change what is already so. */
export function effectiveChanges(held: Entries, changes: EntryChanges): EntryChanges {
  return { flags: effective(held.flags, changes.flags), segments: effective(held.segments, changes.segments) };
}

/** Whether nothing would change. */
export function isEmpty(changes: EntryChanges): boolean {
  return changes.flags.size === 0 && changes.segments.size === 0;
}

/** A record of own members only: a key such as `__proto__` is an ordinary one, also when written as JSON. */
export function toRecord<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const record: Record<string, T> = Object.create(null) as Record<string, T>;
  for (const [key, entry] of entries) record[key] = entry;
  return record;
}

function diffKind<T extends Flag | Segment>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): Map<string, T | null> {
  const changes = new Map<string, T | null>();
  for (const [key, entry] of after) if (!isSame(before.get(key), entry)) changes.set(key, entry);
  for (const key of before.keys()) if (!after.has(key)) changes.set(key, null);
  return changes;
}

function effective<T extends Flag | Segment>(
  held: ReadonlyMap<string, T>,
  changes: ReadonlyMap<string, T | null>,
): Map<string, T | null> {
  const kept = new Map<string, T | null>();
  for (const [key, entry] of changes) {
    if (entry === null ? held.has(key) : !isSame(held.get(key), entry)) kept.set(key, entry);
  }
  return kept;
}

function isSame(a: Flag | Segment | undefined, b: Flag | Segment): boolean {
  return a === b || (a !== undefined && a.version === b.version && a.digest === b.digest);
}
