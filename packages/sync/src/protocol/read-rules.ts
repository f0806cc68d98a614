import type { Flag, Seal, Segment } from '@flags/core';
import type { Delta, Message } from './message.ts';
import { parsePosition } from './position.ts';
import type { Members } from './reader.ts';
import { isObject, text } from './reader.ts';

/** Reads the data of `FULL_SYNC`, for a client that did not say that it could fetch its ruleset apart. */
export function readFullSync(data: Members): Message | string {
  const position = parsePosition(data['position']);
  if (position === undefined) return '`position` is not a position';
  const { ruleset } = data;
  if (!isObject(ruleset)) return '`ruleset` is not an object';
  return { type: 'FULL_SYNC', position, reason: text(data['reason']) ?? '', ruleset };
}

/** Reads the data of `FLAG_UPDATE`. */
export function readFlagUpdate(data: Members): Message | string {
  const delta = readDelta(data);
  if (typeof delta === 'string') return delta;
  const flags = data['flags'];
  if (!isObject(flags)) return '`flags` is not an object';
  // Entries stay untrusted: the compiler sets a broken one aside without hurting the others.
  return { type: 'FLAG_UPDATE', ...delta, flags: flags as Readonly<Record<string, Flag | null>> };
}

/** Reads the data of `SEGMENT_UPDATE`. */
export function readSegmentUpdate(data: Members): Message | string {
  const delta = readDelta(data);
  if (typeof delta === 'string') return delta;
  const { segments } = delta;
  return segments === undefined ? '`segments` is missing' : { type: 'SEGMENT_UPDATE', ...delta, segments };
}

function readDelta(data: Members): Delta | string {
  const from = parsePosition(data['from']);
  const position = parsePosition(data['position']);
  if (from === undefined) return '`from` is not a position';
  if (position === undefined) return '`position` is not a position';
  if (from.epoch !== position.epoch || from.version >= position.version) return '`from` is not before `position`';
  const segments = data['segments'];
  if (segments !== undefined && !isObject(segments)) return '`segments` is not an object';
  const { seals } = data;
  return {
    from,
    position,
    ...(segments === undefined ? {} : { segments: segments as Readonly<Record<string, Segment | null>> }),
    ...(seals === undefined ? {} : { seals: seals as readonly Seal[] }),
  };
}
