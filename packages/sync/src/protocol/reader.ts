import type { Message } from './message.ts';

/**
 * What became of untrusted input: a message, `unknown` (an event this version does not know, to be ignored), or
 * `malformed` (a known event that cannot be used) with a one-line problem that quotes nothing from the input.
 */
export type ParsedMessage =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'malformed'; readonly problem: string };

/** A JSON object that nobody has looked into. */
export type Members = Readonly<Record<string, unknown>>;

/** Reads the data of one kind of event; a text says what is wrong with it. */
export type Reader = (data: Members) => Message | string;

/** Reads the `event` and `data` of one SSE event with the reader of its name. Never throws. */
export function readEvent(readers: ReadonlyMap<string, Reader>, event: string, data: string): ParsedMessage {
  const read = readers.get(event);
  return read === undefined ? { kind: 'unknown' } : readText(event, read, data);
}

/** Reads an envelope, `{ event, data }`, in the same way. Never throws. */
export function readEnvelope(readers: ReadonlyMap<string, Reader>, body: string): ParsedMessage {
  const envelope = parseJson(body);
  if (!isObject(envelope) || typeof envelope['event'] !== 'string') {
    return malformed('the snapshot is not an object with `event` and `data`');
  }
  const { event, data } = envelope as { readonly event: string; readonly data?: unknown };
  const read = readers.get(event);
  return read === undefined ? { kind: 'unknown' } : readData(event, read, data);
}

/** Reads JSON as the data of one kind of event. Never throws. */
export function readText(event: string, read: Reader, data: string): ParsedMessage {
  return readData(event, read, parseJson(data));
}

function readData(event: string, read: Reader, data: unknown): ParsedMessage {
  if (!isObject(data)) return malformed(`the data of ${event} is not a JSON object`);
  const message = read(data);
  return typeof message === 'string' ? malformed(`${event}: ${message}`) : { kind: 'message', message };
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

/** Whether it is a JSON object, and no list. */
export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether it is a number from 0. */
export function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** A text, or nothing. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
