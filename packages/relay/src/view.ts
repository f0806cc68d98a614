import { Buffer } from 'node:buffer';
import type { Flag, Seal, Segment } from '@flags/core';
import type { EntryKind, FlagUpdate, FullSync, Position, SegmentUpdate } from '@flags/sync';
import { addToHash, comparePositions, entryHash, formatStateHash, removeFromHash } from '@flags/sync';
import type { ChangelogLimits, Commit, NetChange } from './changelog.ts';
import { createChangelog } from './changelog.ts';
import type { Entries, EntryChanges } from './entries.ts';
import { isEmpty, toRecord } from './entries.ts';

/** `server`: everything. `client`: what may be sent to browsers. */
export type ViewName = 'server' | 'client';

/** Every view. */
export const VIEW_NAMES: readonly ViewName[] = ['server', 'client'];

/** Why everything is sent: there is no position · it is too old · another content or epoch · a delta would hardly be smaller. */
export type FullSyncReason = 'initial' | 'evicted' | 'fork' | 'epoch' | 'cheaper';

type FullAnswer = FullSync & { readonly reason: FullSyncReason };

/** What a ruleset says beside its entries. */
export interface RulesetHead {
  readonly environment: string;
  readonly epoch: string;
  readonly version: number;
}

/**
 * What a holder of a position needs to be at the head: a message, or nothing because its state is the head's (`current`)
 * or a newer one (`behind`: this relay has yet to catch up, and never sends anything older).
 */
export type Answer =
  | { readonly kind: 'message'; readonly message: FullAnswer | FlagUpdate | SegmentUpdate }
  | { readonly kind: 'current' }
  | { readonly kind: 'behind' };

/** One view of an environment: its entries, where it stands, and the way there from earlier positions. */
export interface View {
  readonly name: ViewName;
  readonly entries: Entries;
  readonly position: Position;
  /** Moves to a new head in O(changed). `continues` is false when the history is a new one, so that nothing earlier can be resumed. */
  commit(head: RulesetHead, changes: EntryChanges, continues: boolean): void;
  /** Says what the origin vouches for at this head. */
  seal(seals: readonly Seal[]): void;
  /**
   * What leads from a position to the head; a full sync without one. The same message object is given to all who need the
   * same step, so that it is encoded once.
   */
  answer(held: Position | undefined): Answer;
  /** The states that lead to the head, oldest first, from the one that held at this version; all without one. */
  commits(from?: number): readonly Commit[];
  /** Takes over states that another holder of this view has passed through; answers whether they lead here. */
  learn(commits: readonly Commit[]): boolean;
}

/** Deltas are kept up to the bytes of all entries, and up to this many where those are few. */
const MIN_KEPT_BYTES = 1_048_576;
const CURRENT: Answer = { kind: 'current' };
const BEHIND: Answer = { kind: 'behind' };

/** Creates an empty view that stands at this head. */
export function createView(name: ViewName, start: RulesetHead, limits?: ChangelogLimits): View {
  const flags = new Map<string, Flag>();
  const segments = new Map<string, Segment>();
  let head = start;
  let seals: readonly Seal[] = [];
  let hash = 0;
  /** About the bytes of all entries. */
  let bytes = 0;
  let position = positionOf(head, hash);
  const changelog = createChangelog(position, limits);
  // Answers hold for one head.
  const full = new Map<string, Answer>();
  const deltas = new Map<number, Answer>();
  /** About the bytes of all that is kept in `deltas`. */
  let deltaBytes = 0;
  let last: { readonly held: Position; readonly answer: Answer } | undefined;

  const put = <T extends Flag | Segment>(
    kind: EntryKind,
    entries: Map<string, T>,
    changes: ReadonlyMap<string, T | null>,
  ): void => {
    for (const [key, after] of changes) {
      const before = entries.get(key);
      if (before !== undefined) {
        hash = removeFromHash(hash, entryHash(kind, key, before));
        bytes -= sizeOf(key, before);
      }
      if (after === null) entries.delete(key);
      else {
        entries.set(key, after);
        hash = addToHash(hash, entryHash(kind, key, after));
        bytes += sizeOf(key, after);
      }
    }
  };

  const sealed = (): { readonly seals?: readonly Seal[] } => (seals.length === 0 ? {} : { seals });

  const fullSync = (reason: FullSyncReason): Answer => {
    let answer = full.get(reason);
    if (answer === undefined) {
      const ruleset = { format: 1, ...head, ...sealed(), flags: toRecord(flags), segments: toRecord(segments) };
      answer = { kind: 'message', message: { type: 'FULL_SYNC', position, reason, ruleset } };
      full.set(reason, answer);
    }
    return answer;
  };

  const delta = (change: NetChange): Answer => {
    let answer = deltas.get(change.from.version);
    if (answer === undefined) {
      const size = deltaSize(change);
      const isCheaper = size * 2 <= bytes;
      answer = isCheaper ? { kind: 'message', message: deltaMessage(change) } : fullSync('cheaper');
      // Anybody with a key may ask from each of thousands of positions: what is kept for that takes no more than a full sync.
      deltaBytes += isCheaper ? size : 0;
      if (deltaBytes > Math.max(bytes, MIN_KEPT_BYTES)) {
        deltas.clear();
        deltaBytes = size;
      }
      deltas.set(change.from.version, answer);
    }
    return answer;
  };

  const deltaSize = (change: NetChange): number => {
    let size = 0;
    for (const key of change.flags) size += sizeOf(key, flags.get(key) ?? null);
    for (const key of change.segments) size += sizeOf(key, segments.get(key) ?? null);
    return size;
  };

  const deltaMessage = (change: NetChange): FlagUpdate | SegmentUpdate => {
    const shared = {
      from: { epoch: head.epoch, ...change.from },
      position,
      ...sealed(),
    };
    const changedSegments = headForms(segments, change.segments);
    if (change.flags.size === 0) return { type: 'SEGMENT_UPDATE', ...shared, segments: changedSegments };
    const update: FlagUpdate = { type: 'FLAG_UPDATE', ...shared, flags: headForms(flags, change.flags) };
    return change.segments.size === 0 ? update : { ...update, segments: changedSegments };
  };

  const decide = (held: Position): Answer => {
    if (comparePositions(held, position) > 0) return BEHIND;
    if (held.epoch !== position.epoch) return fullSync('epoch');
    // The state is the head's even where the version is lower: the next heartbeat moves it on.
    if (held.hash === position.hash) return CURRENT;
    const change = changelog.since(held);
    return typeof change === 'string' ? fullSync(change) : delta(change);
  };

  const forgetAnswers = (): void => {
    full.clear();
    deltas.clear();
    deltaBytes = 0;
    last = undefined;
  };

  return {
    name,
    entries: { flags, segments },
    get position() {
      return position;
    },
    commit: (next, changes, continues) => {
      head = next;
      seals = [];
      put('flag', flags, changes.flags);
      put('segment', segments, changes.segments);
      position = positionOf(head, hash);
      if (!continues) changelog.reset(position);
      else if (!isEmpty(changes)) {
        changelog.append(position, { flags: [...changes.flags.keys()], segments: [...changes.segments.keys()] });
      }
      forgetAnswers();
    },
    seal: (next) => {
      seals = next;
      forgetAnswers();
    },
    answer: (held) => {
      if (held === undefined) return fullSync('initial');
      // In a fan-out nearly all ask from the very same position object.
      if (last?.held !== held) last = { held, answer: decide(held) };
      return last.answer;
    },
    commits: changelog.commits,
    learn: (commits) => {
      const isLearned = changelog.learn(commits);
      if (isLearned) forgetAnswers();
      return isLearned;
    },
  };
}

function positionOf(head: RulesetHead, hash: number): Position {
  return { epoch: head.epoch, version: head.version, hash: formatStateHash(hash) };
}

function headForms<T>(entries: ReadonlyMap<string, T>, keys: Iterable<string>): Record<string, T | null> {
  return toRecord(Array.from(keys, (key) => [key, entries.get(key) ?? null] as const));
}

// Entries are never edited, so their size is known for good. Views share entries and this memory of them.
const sizes = new WeakMap<object, number>();

function sizeOf(key: string, entry: Flag | Segment | null): number {
  const name = key.length + 4;
  if (entry === null) return name + 4;
  let size = sizes.get(entry);
  if (size === undefined) {
    size = Buffer.byteLength(JSON.stringify(entry));
    sizes.set(entry, size);
  }
  return name + size;
}
