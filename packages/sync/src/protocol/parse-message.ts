import { readReference } from './read-reference.ts';
import { readFlagUpdate, readSegmentUpdate } from './read-rules.ts';
import { readGoodbye, readHeartbeat } from './read-signals.ts';
import { readValues } from './read-values.ts';
import type { ParsedMessage, Reader } from './reader.ts';
import { readEnvelope, readEvent } from './reader.ts';

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['FULL_SYNC', readReference],
  ['FLAG_UPDATE', readFlagUpdate],
  ['SEGMENT_UPDATE', readSegmentUpdate],
  ['VALUES', readValues],
  ['HEARTBEAT', readHeartbeat],
  ['GOODBYE', readGoodbye],
]);

/** Reads the `event` and `data` of one SSE event. Never throws. */
export function parseMessage(event: string, data: string): ParsedMessage {
  return readEvent(READERS, event, data);
}

/** Reads the body of a snapshot: `{ event, data }`. Never throws. */
export function parseEnvelope(body: string): ParsedMessage {
  return readEnvelope(READERS, body);
}
