import type { CompiledRuleset, RawEntries } from '@flags/core';
import { updateRuleset } from '@flags/core';
import type { FlagUpdate, FullSync, SegmentUpdate } from './message.ts';
import type { Held } from './held.ts';
import type { Position } from './position.ts';
import { comparePositions } from './position.ts';
import type { EntryKind } from './state-hash.ts';
import { addToHash, entryHash, formatStateHash, removeFromHash, stateHash } from './state-hash.ts';

/** One view of an environment as a client or relay holds it. Never changed in place. */
export interface HeldState extends Held {
  readonly ruleset: CompiledRuleset;
}

/** What a delta is to a holder: to be applied, older than what is held, or after something that was missed. */
export type DeltaVerdict = 'apply' | 'ignore' | 'gap';

/** Holds a compiled ruleset at a position (its own epoch and version when absent). Costs a pass over all headers. */
export function holdRuleset(ruleset: CompiledRuleset, position?: Position): HeldState {
  const hash = stateHash(ruleset);
  const { epoch, version } = position ?? ruleset;
  return { ruleset, hash, position: { epoch, version, hash: formatStateHash(hash) } };
}

/** Whether a full sync may replace what is held: never by an older epoch or version. */
export function acceptsFullSync(held: Position | undefined, message: Pick<FullSync, 'position'>): boolean {
  return held === undefined || comparePositions(message.position, held) >= 0;
}

/**
 * Judges a delta by its positions alone. It applies when `from` is at or below the held version and `position` above
 * it, within one epoch, or where nothing lies between; one whose `from` has the held version but another hash continues a
 * fork: a gap.
 */
export function judgeDelta(held: Position | undefined, delta: Pick<FlagUpdate, 'from' | 'position'>): DeltaVerdict {
  if (held === undefined) return 'gap';
  if (comparePositions(delta.position, held) <= 0) return 'ignore';
  if (delta.position.epoch !== held.epoch) return 'gap';
  // From a later version with the same hash: what lies between left this view alone.
  return delta.from.version >= held.version && delta.from.hash !== held.hash ? 'gap' : 'apply';
}

/**
 * Folds a delta that `judgeDelta` said to apply into the held state: entries are overwritten or deleted, all at once,
 * in O(changed). The result's position carries the hash of what is now held; compare it with the delta's to see drift.
 */
export function applyDelta(held: HeldState, delta: FlagUpdate | SegmentUpdate): HeldState {
  const flags = delta.type === 'FLAG_UPDATE' ? delta.flags : undefined;
  let hash = held.hash;
  if (flags !== undefined) hash = rehash(hash, 'flag', held.ruleset.flags, flags);
  if (delta.segments !== undefined) hash = rehash(hash, 'segment', held.ruleset.segments, delta.segments);
  const { epoch, version } = delta.position;
  const ruleset = updateRuleset(held.ruleset, {
    epoch,
    version,
    ...(flags === undefined ? {} : { flags }),
    ...(delta.segments === undefined ? {} : { segments: delta.segments }),
    ...(delta.seals === undefined ? {} : { seals: delta.seals }),
  });
  return { ruleset, hash, position: { epoch, version, hash: formatStateHash(hash) } };
}

function rehash(start: number, kind: EntryKind, held: RawEntries, changes: Readonly<Record<string, unknown>>): number {
  let hash = start;
  for (const key of Object.keys(changes)) {
    const before = held.get(key);
    if (before !== undefined) hash = removeFromHash(hash, entryHash(kind, key, before));
    const after = changes[key];
    if (after !== null) hash = addToHash(hash, entryHash(kind, key, after));
  }
  return hash;
}
