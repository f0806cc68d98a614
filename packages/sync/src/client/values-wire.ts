import { readGoodbye, readHeartbeat } from '../protocol/read-signals.ts';
import { readValues } from '../protocol/read-values.ts';
import type { Reader } from '../protocol/reader.ts';
import { readEvent, readText } from '../protocol/reader.ts';
import type { TransportRequest } from './ports.ts';
import type { Subject } from './subject.ts';
import type { Wire } from './wire.ts';
import { JSON_TYPE, resumeHeader } from './wire.ts';

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['VALUES', readValues],
  ['HEARTBEAT', readHeartbeat],
  ['GOODBYE', readGoodbye],
]);

/**
 * Asks for the values of a context, which goes into bodies and never into a URL.
 *
 * @param subject Whom they are for; called for each request.
 */
export function createValuesWire(url: string, subject: () => Subject): Wire {
  const ask = (path: string, accept: string, more: Readonly<Record<string, string>>): TransportRequest => {
    const { text, signature } = subject();
    const signed = signature === undefined ? {} : { 'x-flags-context-signature': signature };
    return {
      url: url + path,
      headers: { accept, 'content-type': JSON_TYPE, ...signed, ...more },
      body: `{"context":${text}}`,
    };
  };
  return {
    stream: (position) => ask('/v1/client/stream', 'text/event-stream', resumeHeader(position)),
    poll: () => ask('/v1/evaluate', JSON_TYPE, {}),
    readEvent: (event, data) => readEvent(READERS, event, data),
    readPoll: (body) => readText('VALUES', readValues, body),
  };
}
