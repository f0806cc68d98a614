import type { Flag, Segment } from '@flags/core';
import type { Delta, FlagReading, Message, RulesetRef } from './message.ts';
import type { Position } from './position.ts';
import { comparePositions, parsePosition } from './position.ts';

/**
 * What became of untrusted input: a message, `unknown` (an event this version does not know, to be ignored), or
 * `malformed` (a known event that cannot be used) with a one-line problem that quotes nothing from the input.
 */
export type ParsedMessage =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'malformed'; readonly problem: string };

type Json = Readonly<Record<string, unknown>>;

const UNKNOWN: ParsedMessage = { kind: 'unknown' };
const SHA256 = /^[0-9a-f]{64}$/;

/** Reads the `event` and `data` of one SSE event. Never throws. */
export function parseMessage(event: string, data: string): ParsedMessage {
  const read = READERS.get(event);
  if (read === undefined) return UNKNOWN;
  return readData(event, read, parseJson(data));
}

/** Reads the body of a snapshot: `{ event, data }`. Never throws. */
export function parseEnvelope(body: string): ParsedMessage {
  const envelope = parseJson(body);
  if (!isObject(envelope) || typeof envelope['event'] !== 'string') {
    return malformed('the snapshot is not an object with `event` and `data`');
  }
  const read = READERS.get(envelope['event']);
  return read === undefined ? UNKNOWN : readData(envelope['event'], read, envelope['data']);
}

function readData(event: string, read: (data: Json) => Message | string, data: unknown): ParsedMessage {
  if (!isObject(data)) return malformed(`the data of ${event} is not a JSON object`);
  const message = read(data);
  return typeof message === 'string' ? malformed(`${event}: ${message}`) : { kind: 'message', message };
}

// A reader answers with the message, or with what is wrong.
const READERS: ReadonlyMap<string, (data: Json) => Message | string> = new Map([
  ['FULL_SYNC', readFullSync],
  ['FLAG_UPDATE', readFlagUpdate],
  ['SEGMENT_UPDATE', readSegmentUpdate],
  ['VALUES', readValues],
  ['HEARTBEAT', readHeartbeat],
  ['GOODBYE', readGoodbye],
]);

function readFullSync(data: Json): Message | string {
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

function readFlagUpdate(data: Json): Message | string {
  const delta = readDelta(data);
  if (typeof delta === 'string') return delta;
  const flags = data['flags'];
  if (!isObject(flags)) return '`flags` is not an object';
  // Entries stay untrusted: the compiler sets a broken one aside without hurting the others.
  return { type: 'FLAG_UPDATE', ...delta, flags: flags as Readonly<Record<string, Flag | null>> };
}

function readSegmentUpdate(data: Json): Message | string {
  const delta = readDelta(data);
  if (typeof delta === 'string') return delta;
  const { segments } = delta;
  return segments === undefined ? '`segments` is missing' : { type: 'SEGMENT_UPDATE', ...delta, segments };
}

function readDelta(data: Json): Delta | string {
  const from: Position | undefined = parsePosition(data['from']);
  const position = parsePosition(data['position']);
  if (from === undefined) return '`from` is not a position';
  if (position === undefined) return '`position` is not a position';
  if (from.epoch !== position.epoch || from.version >= position.version) return '`from` is not before `position`';
  const segments = data['segments'];
  if (segments !== undefined && !isObject(segments)) return '`segments` is not an object';
  const root = text(data['root']);
  const signature = text(data['signature']);
  const keyId = text(data['keyId']);
  return {
    from,
    position,
    ...(segments === undefined ? {} : { segments: segments as Readonly<Record<string, Segment | null>> }),
    ...(root === undefined ? {} : { root }),
    ...(signature === undefined ? {} : { signature }),
    ...(keyId === undefined ? {} : { keyId }),
  };
}

function readValues(data: Json): Message | string {
  const position = parsePosition(data['position']);
  if (position === undefined) return '`position` is not a position';
  const from = data['from'] === undefined ? undefined : parsePosition(data['from']);
  if (data['from'] !== undefined && from === undefined) return '`from` is not a position';
  if (from !== undefined && (from.epoch !== position.epoch || comparePositions(from, position) > 0)) {
    return '`from` is after `position`';
  }
  const { values } = data;
  // There is no compiler behind this one that sets a broken entry aside.
  if (!isObject(values) || !Object.values(values).every((value) => value === null || isReading(value))) {
    return '`values` is not an object of readings';
  }
  const readings = values as Readonly<Record<string, FlagReading | null>>;
  return { type: 'VALUES', ...(from === undefined ? {} : { from }), position, values: readings };
}

function isReading(value: unknown): boolean {
  if (!isObject(value) || !Object.hasOwn(value, 'value') || typeof value['reason'] !== 'string') return false;
  const { variation, version } = value;
  const isText = (name: string): boolean => value[name] === undefined || typeof value[name] === 'string';
  return (
    ['variant', 'experiment', 'errorCode', 'ruleId'].every(isText) &&
    (variation === undefined || isAmount(variation)) &&
    (version === undefined || isAmount(version))
  );
}

function readHeartbeat(data: Json): Message | string {
  const position = parsePosition(data['position']);
  if (position === undefined) return '`position` is not a position';
  const time = data['time'];
  if (!isAmount(time)) return '`time` is not a number of milliseconds';
  const stream = text(data['stream']);
  const intervalMs = data['intervalMs'];
  if (intervalMs !== undefined && (!isAmount(intervalMs) || intervalMs === 0)) return '`intervalMs` is not positive';
  return {
    type: 'HEARTBEAT',
    position,
    time,
    ...(stream === undefined ? {} : { stream }),
    ...(intervalMs === undefined ? {} : { intervalMs }),
    ...(typeof data['ack'] === 'boolean' ? { ack: data['ack'] } : {}),
  };
}

function readGoodbye(data: Json): Message {
  const windowMs = data['windowMs'];
  // A goodbye that leaves something out is still a goodbye: the server closes the stream either way.
  return {
    type: 'GOODBYE',
    reason: text(data['reason']) ?? '',
    windowMs: isAmount(windowMs) ? windowMs : 0,
    retry: data['retry'] !== false,
  };
}

function malformed(problem: string): ParsedMessage {
  return { kind: 'malformed', problem };
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
