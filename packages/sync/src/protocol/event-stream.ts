import { parseMessage } from './parse-message.ts';
import type { ParsedMessage } from './reader.ts';

/** The most text one message may take, in UTF-16 units. A snapshot body has the same limit. */
export const MAX_MESSAGE_LENGTH: number = 16 * 1024 * 1024;

/** Turns the bytes of an SSE body into messages, whatever pieces they come in. */
export interface EventStream {
  /** Takes the next bytes; calls back once for each event they complete. Cost is linear in the bytes. */
  push(bytes: Uint8Array): void;
}

/** Streaming UTF-8 decoder: the part of the standard `TextDecoder` used here. */
interface Decoder {
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}

// Every runtime has it, and decoding is neither I/O nor state of the platform. Declared here, in the module, so that the
// package needs no library beyond ES2022 and no platform type can slip in.
declare const TextDecoder: new () => Decoder;

/** A streaming UTF-8 decoder. Malformed bytes become U+FFFD; one byte order mark at the start goes. */
export function createDecoder(): Decoder {
  return new TextDecoder();
}

/**
 * Reads one SSE connection, as the HTML standard says ("Parsing an event stream"). An event that grows over `maxLength` is reported
 * once as malformed; after it the stream is silent, because there is no telling where the next event starts. An event cut off by
 * the end of the stream is dropped. Own code, since a library that also serves other needs is five times as long.
 */
export function createEventStream(
  onMessage: (parsed: ParsedMessage) => void,
  maxLength: number = MAX_MESSAGE_LENGTH,
): EventStream {
  const decoder = createDecoder();
  let event = '';
  let data: string[] = [];
  /** The pieces of a line whose end has not come, joined once it has: a long one costs no more for coming in many. */
  let line: string[] = [];
  /** Characters since the last event. */
  let length = 0;
  let isAfterCr = false;

  const takeLine = (text: string): void => {
    const [, name, value = ''] = /^([^:]*):? ?(.*)/s.exec(text) ?? [];
    if (name === 'event') event = value;
    if (name === 'data') data.push(value);
    if (text !== '') return;
    const message = data.length > 0 ? parseMessage(event || 'message', data.join('\n')) : undefined;
    event = '';
    data = [];
    length = 0;
    if (message) onMessage(message);
  };

  return {
    push: (bytes) => {
      const text = decoder.decode(bytes, { stream: true });
      if (text === '' || length > maxLength) return;
      // The second half of a line end whose first half came before.
      const pieces = text.slice(isAfterCr && text.startsWith('\n') ? 1 : 0).split(/\r\n?|\n/);
      isAfterCr = text.endsWith('\r');
      for (const [at, piece] of pieces.entries()) {
        line.push(piece);
        length += piece.length;
        if (length > maxLength) {
          line = [];
          data = [];
          return onMessage({ kind: 'malformed', problem: `an event is longer than ${maxLength} characters` });
        }
        if (at < pieces.length - 1) {
          const whole = line.join('');
          line = [];
          takeLine(whole);
        }
      }
      return undefined;
    },
  };
}
