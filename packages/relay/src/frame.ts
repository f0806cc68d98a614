import { Buffer } from 'node:buffer';
import type { Message } from '@flags/sync';
import { formatEnvelope, formatMessage } from '@flags/sync';

// Encoded once, however many streams it goes to; forgotten with the message.
const frames = new WeakMap<Message, Buffer>();
const envelopes = new WeakMap<Message, Buffer>();

/** The bytes of a message on a stream. The same message gives the same buffer. */
export function frameOf(message: Message): Buffer {
  return encodeOnce(frames, message, formatMessage);
}

/** The bytes of a message as the body of a snapshot. The same message gives the same buffer. */
export function envelopeOf(message: Message): Buffer {
  return encodeOnce(envelopes, message, formatEnvelope);
}

/** Bytes that say nothing, so that nothing on the path takes the connection for idle. */
export const COMMENT: Buffer = Buffer.from(':\n\n');

function encodeOnce(cache: WeakMap<Message, Buffer>, message: Message, format: (message: Message) => string): Buffer {
  let bytes = cache.get(message);
  if (bytes === undefined) {
    bytes = Buffer.from(format(message));
    cache.set(message, bytes);
  }
  return bytes;
}
