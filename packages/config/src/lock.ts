import { randomInt } from 'node:crypto';
import type { Flag, Ruleset, Segment } from '@flags/core';
import { digestOf } from './digest.ts';
import { createEpoch } from './epoch.ts';
import type { FlagEntries } from './expand.ts';
import type { ZoneTable } from './zone.ts';

/** What a lock remembers of an entry. */
export interface LockedEntry {
  /** The ruleset version that last changed the entry. */
  readonly version: number;
  readonly digest: string;
}

/** The history of a flag file, so that everyone who reads the file gives the same epoch, versions and time-zone offsets. */
export interface Lock {
  readonly environment: string;
  readonly epoch: string;
  readonly version: number;
  readonly flags: ReadonlyMap<string, LockedEntry>;
  readonly segments: ReadonlyMap<string, LockedEntry>;
  readonly zones: ReadonlyMap<string, ZoneTable>;
}

/** Keys of what was added, changed or removed. */
export interface ChangedKeys {
  readonly flags: readonly string[];
  readonly segments: readonly string[];
}

/** A ruleset with its history. */
export interface LockedRuleset {
  readonly ruleset: Ruleset;
  readonly lock: Lock;
  readonly changed: ChangedKeys;
}

/** What a new epoch is made of. */
export interface LockOptions {
  /** Epoch ms; the clock when absent. */
  readonly now?: number;
  /** Numbers from 0 to below 1; from the system's random source when absent. */
  readonly random?: () => number;
}

const systemRandom = (): number => randomInt(2 ** 32) / 2 ** 32;

/**
 * Gives the entries their versions: one that is unchanged keeps its own, and all that changed since `previous` are one change
 * set with the next version. Without `previous` a new history begins: a new epoch, version 1. Throws a `RangeError` when
 * `previous` belongs to another environment.
 */
export function lockRuleset(
  entries: FlagEntries,
  previous: Lock | undefined,
  options: LockOptions = {},
): LockedRuleset {
  const { now = Date.now(), random = systemRandom } = options;
  const { environment, zones } = entries;
  if (previous && previous.environment !== environment) {
    throw new RangeError(
      `The lock belongs to ${previous.environment}, the flags to ${environment}: begin without a lock.`,
    );
  }
  const flags = compare(entries.flags, previous?.flags);
  const segments = compare(entries.segments, previous?.segments);
  const isNewVersion = flags.changed.length + segments.changed.length > 0;
  const version = previous ? previous.version + (isNewVersion ? 1 : 0) : 1;
  const epoch = previous?.epoch ?? createEpoch(now, random);
  const lock: Lock = {
    environment,
    epoch,
    version,
    flags: flags.lock(version),
    segments: segments.lock(version),
    zones,
  };
  const ruleset: Ruleset = {
    format: 1,
    environment,
    epoch,
    version,
    flags: withHeaders<Flag>(entries.flags, lock.flags),
    segments: withHeaders<Segment>(entries.segments, lock.segments),
  };
  return { ruleset, lock, changed: { flags: flags.changed, segments: segments.changed } };
}

function compare(
  bodies: ReadonlyMap<string, object>,
  before: ReadonlyMap<string, LockedEntry> = new Map<string, LockedEntry>(),
): { readonly changed: readonly string[]; readonly lock: (version: number) => ReadonlyMap<string, LockedEntry> } {
  const digests = new Map([...bodies].map(([key, body]) => [key, digestOf(body)]));
  const isSame = (key: string): boolean => digests.get(key) === before.get(key)?.digest;
  const changed = [...new Set([...digests.keys(), ...before.keys()])].filter((key) => !isSame(key)).sort();
  return {
    changed,
    lock: (version) =>
      new Map(
        [...digests].map(([key, digest]) => [
          key,
          { version: isSame(key) ? before.get(key)!.version : version, digest },
        ]),
      ),
  };
}

function withHeaders<Entry extends LockedEntry>(
  bodies: ReadonlyMap<string, Omit<Entry, 'version' | 'digest'>>,
  lock: ReadonlyMap<string, LockedEntry>,
): Record<string, Entry> {
  const record = Object.create(null) as Record<string, Entry>;
  for (const [key, body] of bodies) record[key] = { ...body, ...lock.get(key) } as Entry;
  return record;
}
