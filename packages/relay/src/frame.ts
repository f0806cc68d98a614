import { Buffer } from 'node:buffer';
import type { Message } from '@flags/sync';
import { formatEnvelope, formatMessage, formatPosition } from '@flags/sync';
import type { Refetch } from './feed.ts';

// Encoded once, however many streams it goes to; forgotten with the message.
const frames = new WeakMap<Message | Refetch, Buffer>();
const envelopes = new WeakMap<Message, Buffer>();

/** The bytes of a message on a stream. The same message gives the same buffer. */
export function frameOf(message: Message | Refetch): Buffer {
  return encodeOnce(frames, message, formatFrame);
}

/** The bytes of a message as the body of a snapshot. The same message gives the same buffer. */
export function envelopeOf(message: Message): Buffer {
  return encodeOnce(envelopes, message, formatEnvelope);
}

/** Bytes that say nothing, so that nothing on the path takes the connection for idle. */
export const COMMENT: Buffer = Buffer.from(':\n\n');

function formatFrame(message: Message | Refetch): string {
  if (message.type !== 'REFETCH') return formatMessage(message);
  // Without a name, which is a `message` to an EventSource.
  return `id: ${formatPosition(message.position)}\ndata: ${JSON.stringify(message.data)}\n\n`;
}

function encodeOnce<T extends object>(cache: WeakMap<T, Buffer>, message: T, format: (message: T) => string): Buffer {
  let bytes = cache.get(message);
  if (bytes === undefined) {
    bytes = Buffer.from(format(message));
    cache.set(message, bytes);
  }
  return bytes;
}
