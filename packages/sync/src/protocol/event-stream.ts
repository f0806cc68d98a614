import { createParser } from 'eventsource-parser';
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
declare const TextDecoder: new (label: string, options: { readonly ignoreBOM: boolean }) => Decoder;

/** A streaming UTF-8 decoder. Malformed bytes become U+FFFD; a byte order mark goes, unless it is to be kept. */
export function createDecoder(ignoreBOM = false): Decoder {
  return new TextDecoder('utf-8', { ignoreBOM });
}

/** What `createEventStream` does, for events that this function reads. */
export function readEventStream(
  parse: (event: string, data: string) => ParsedMessage,
  onMessage: (parsed: ParsedMessage) => void,
  maxLength: number = MAX_MESSAGE_LENGTH,
): EventStream {
  // The parser takes one byte order mark off. A second is text, so it must not find one that was taken off already.
  const decoder = createDecoder(true);
  let broken = false;
  const parser = createParser({
    maxBufferSize: maxLength,
    onEvent: ({ event, data }) => onMessage(parse(event ?? 'message', data)),
    onError: (error) => {
      if (error.type !== 'max-buffer-size-exceeded') return;
      broken = true;
      onMessage({ kind: 'malformed', problem: `an event is longer than ${maxLength} characters` });
    },
  });
  return {
    push: (bytes) => {
      if (!broken) parser.feed(decoder.decode(bytes, { stream: true }));
    },
  };
}

/**
 * Reads one SSE connection, as the HTML standard says ("Parsing an event stream"). An event that grows over `maxLength` is reported
 * once as malformed; after it the stream is silent, because there is no telling where the next event starts. An event cut off by
 * the end of the stream is dropped.
 */
export function createEventStream(
  onMessage: (parsed: ParsedMessage) => void,
  maxLength: number = MAX_MESSAGE_LENGTH,
): EventStream {
  return readEventStream(parseMessage, onMessage, maxLength);
}
