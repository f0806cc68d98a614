import type { Flag, Json, Seal, Segment } from '@flags/core';
import type { Position } from './position.ts';
import { formatPosition } from './position.ts';

/** Everything a server says on a stream. Unknown events and unknown members are ignored by readers. */
export type Message = ContentMessage | Heartbeat | Goodbye;

/** A message that brings something to hold. */
export type ContentMessage = FullSync | FullSyncRef | FlagUpdate | SegmentUpdate | Values;

/** One that says what changed between two positions. */
export type Change = FlagUpdate | SegmentUpdate | (Values & { readonly from: Position });

/** Replaces everything the client holds, atomically. */
export interface FullSync {
  readonly type: 'FULL_SYNC';
  readonly position: Position;
  /** Why it was sent: `initial`, `evicted`, `epoch`, `fork`, `cheaper`, …; for people and metrics. */
  readonly reason: string;
  /** The ruleset as JSON, not yet compiled; an object. */
  readonly ruleset: Readonly<Record<string, unknown>>;
}

/** A full sync whose ruleset is fetched apart from the stream, because it is long. */
export interface FullSyncRef {
  readonly type: 'FULL_SYNC';
  readonly position: Position;
  readonly reason: string;
  readonly ref: RulesetRef;
}

/** Where a ruleset is, and what proves that it is the one that was meant. */
export interface RulesetRef {
  /** An absolute path with its query on the server's own origin, or an absolute URL. The answer is the ruleset as JSON. */
  readonly url: string;
  /** The exact length of the answer, in bytes. */
  readonly bytes: number;
  /** Of the answer; 64 lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** What deltas share. */
export interface Delta {
  /** The delta holds every entry that changed in `(from, position]`. */
  readonly from: Position;
  readonly position: Position;
  /** The head form of each entry; `null` for one that is gone. Checked entry by entry when compiled. */
  readonly segments?: Readonly<Record<string, Segment | null>>;
  /** What the origin vouches for after the change, as it came: `parseSeals` reads it. */
  readonly seals?: readonly Seal[];
}

/** A committed change set that touches flags. */
export interface FlagUpdate extends Delta {
  readonly type: 'FLAG_UPDATE';
  readonly flags: Readonly<Record<string, Flag | null>>;
}

/** A committed change set that touches only segments. */
export interface SegmentUpdate extends Delta {
  readonly type: 'SEGMENT_UPDATE';
  readonly segments: Readonly<Record<string, Segment | null>>;
}

/** What flags give for one context, evaluated by the server: all of them, or with `from` those that changed since. */
export interface Values {
  readonly type: 'VALUES';
  /** Absent when these are all values, and every other is gone. */
  readonly from?: Position;
  /** Its hash is over the values of this context. It moves at one version too, when the clock alone changes an answer. */
  readonly position: Position;
  /** `null` for a flag that is gone. */
  readonly values: Readonly<Record<string, FlagReading | null>>;
}

/** What one flag gives. Further members are for people. */
export interface FlagReading {
  /** `null` when there is no answer, with an `errorCode` that says why. */
  readonly value: Json;
  readonly reason: string;
  /** The name of the variation. */
  readonly variant?: string;
  /** Its index. */
  readonly variation?: number;
  /** The ruleset version that last changed the flag. */
  readonly version?: number;
  readonly experiment?: string;
  readonly errorCode?: string;
  readonly ruleId?: string;
}

/** Where the server's head is. Finds half-open streams, lost deltas and drift. */
export interface Heartbeat {
  readonly type: 'HEARTBEAT';
  readonly position: Position;
  /** The server's clock, epoch milliseconds. */
  readonly time: number;
  /** The stream's id; in the first heartbeat only, as are the next two. */
  readonly stream?: string;
  /** Milliseconds between heartbeats. */
  readonly intervalMs?: number;
  /** Whether the server wants acknowledgements. */
  readonly ack?: boolean;
}

/** The server is about to close this stream. */
export interface Goodbye {
  readonly type: 'GOODBYE';
  /** `drain`, `rotate`, `revoked`, `slow`, …; for people and metrics. */
  readonly reason: string;
  /** Come back within this many milliseconds, at a random moment. */
  readonly windowMs: number;
  /** `false`: the environment or key is gone; only try again hourly. */
  readonly retry: boolean;
}

/** The name of a known event. */
export type MessageType = Message['type'];

/** The `data` of a message as it goes over the wire: positions are texts, the type stands outside. */
export function messageData(message: Message): Record<string, unknown> {
  const { type: _, ...data } = message;
  const wire: Record<string, unknown> = data;
  if ('position' in message) wire['position'] = formatPosition(message.position);
  if ('from' in message && message.from !== undefined) wire['from'] = formatPosition(message.from);
  return wire;
}

/**
 * The SSE block of a message, with its closing blank line. Changes carry their position as `id:`. A heartbeat never
 * does: it would move the client's resume point past deltas that were lost.
 */
export function formatMessage(message: Message): string {
  const id =
    message.type === 'HEARTBEAT' || message.type === 'GOODBYE' ? '' : `id: ${formatPosition(message.position)}\n`;
  // JSON.stringify never emits a raw line break, so one `data:` line is always enough.
  return `event: ${message.type}\n${id}data: ${JSON.stringify(messageData(message))}\n\n`;
}

/** The body of `GET /v1/snapshot`: the same message in an envelope `{ event, data }`. */
export function formatEnvelope(message: Message): string {
  return JSON.stringify({ event: message.type, data: messageData(message) });
}
