import { readFlagUpdate, readFullSync, readSegmentUpdate } from '../protocol/read-rules.ts';
import { readGoodbye, readHeartbeat } from '../protocol/read-signals.ts';
import type { ParsedMessage, Reader } from '../protocol/reader.ts';
import { readEnvelope, readEvent } from '../protocol/reader.ts';
import type { Loads } from './link.ts';
import type { TransportRequest } from './ports.ts';

/** What is asked of a server for something to hold, and how its answers are read. The key is added to each request. */
export interface Wire {
  /** Asks for the stream, from this position where there is one. */
  stream(position: string | undefined): TransportRequest;
  /** Asks for everything, or for what came after this position. */
  poll(position: string | undefined): TransportRequest;
  /** Reads an event of the stream. */
  readEvent(event: string, data: string): ParsedMessage;
  /** Reads the whole answer to a poll. */
  readPoll(body: string): ParsedMessage;
}

const CONTENT: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['FULL_SYNC', readFullSync],
  ['FLAG_UPDATE', readFlagUpdate],
  ['SEGMENT_UPDATE', readSegmentUpdate],
]);

const SIGNALS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['HEARTBEAT', readHeartbeat],
  ['GOODBYE', readGoodbye],
]);

/** The type of what is posted and polled. */
export const JSON_TYPE = 'application/json';

/** The header that says where a stream goes on. */
export function resumeHeader(position: string | undefined): Readonly<Record<string, string>> {
  return position === undefined ? {} : { 'last-event-id': position };
}

/** Asks for rules, for someone who never streams. */
export function createRulesPoll(url: string, readers: typeof CONTENT = CONTENT): Pick<Wire, 'poll' | 'readPoll'> {
  return {
    poll: (position) => ({
      url: `${url}/v1/snapshot${position === undefined ? '' : `?since=${position}`}`,
      headers: { accept: JSON_TYPE, ...(position === undefined ? {} : { 'if-none-match': `"${position}"` }) },
    }),
    readPoll: (body) => readEnvelope(readers, body),
  };
}

/** Asks for rules; where they can be fetched by reference, also for that. */
export function createRulesWire(url: string, loads?: Loads): Wire {
  const caps = loads && { 'x-flags-caps': 'ref' };
  const readers = new Map([...CONTENT, ...SIGNALS]);
  if (loads) readers.set('FULL_SYNC', loads.readFullSync);
  return {
    ...createRulesPoll(url, readers),
    stream: (position) => ({
      url: `${url}/v1/stream`,
      headers: { accept: 'text/event-stream', ...caps, ...resumeHeader(position) },
    }),
    readEvent: (event, data) => readEvent(readers, event, data),
  };
}
