import type { Flag, Seal, Segment } from '@flags/core';
import type { Delta, Message, RulesetRef } from './message.ts';
import { parsePosition } from './position.ts';
import type { Members } from './reader.ts';
import { isAmount, isObject, text } from './reader.ts';

const SHA256 = /^[0-9a-f]{64}$/;

/** Reads the data of `FULL_SYNC`. */
export function readFullSync(data: Members): Message | string {
  const position = parsePosition(data['position']);
  if (position === undefined) return '`position` is not a position';
  const { ruleset } = data;
  const reason = text(data['reason']) ?? '';
  if (isObject(ruleset)) return { type: 'FULL_SYNC', position, reason, ruleset };
  const ref = readRef(data['ref']);
  return ref === undefined ? 'neither `ruleset` nor `ref` is usable' : { type: 'FULL_SYNC', position, reason, ref };
}

function readRef(value: unknown): RulesetRef | undefined {
  if (!isObject(value)) return undefined;
  const { url, bytes, sha256 } = value;
  const isUsable = typeof url === 'string' && isAmount(bytes) && typeof sha256 === 'string' && SHA256.test(sha256);
  return isUsable ? { url, bytes, sha256 } : undefined;
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
