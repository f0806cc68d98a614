import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEventStream, formatMessage } from '../src/index.ts';
import type { ParsedMessage } from '../src/index.ts';
import { flagOf, rulesetJson } from './rulesets.ts';
import { utf8 } from './utf8.ts';

const position = { epoch: 'e1', version: 1, hash: '00000000' };
const heartbeat = formatMessage({ type: 'HEARTBEAT', position, time: 5 });
const goodbye = formatMessage({ type: 'GOODBYE', reason: 'größe 😀', windowMs: 1, retry: true });

function read(pieces: Iterable<Uint8Array>, maxLength?: number): ParsedMessage[] {
  const read: ParsedMessage[] = [];
  const stream = createEventStream((parsed) => read.push(parsed), maxLength);
  for (const piece of pieces) stream.push(piece);
  return read;
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let start = 0; start < bytes.length; start += size) pieces.push(bytes.subarray(start, start + size));
  return pieces;
}

test('whatever pieces the bytes come in, and whatever ends its lines, a stream gives the same messages', () => {
  const text = `retry: 5000\n: padding\n\n${heartbeat}:\n\n${goodbye}`;
  const expected = read([utf8(text)]);
  expect(expected.map((parsed) => parsed.kind)).toEqual(['message', 'message']);
  fc.assert(
    fc.property(fc.constantFrom('\n', '\r\n', '\r'), fc.nat(12), fc.boolean(), (lineEnd, size, bom) => {
      const bytes = utf8((bom ? '\uFEFF' : '') + text.replaceAll('\n', lineEnd));
      // A bare CR at the very end may be half a CRLF, so another byte has to settle it.
      expect(read([...cut(bytes, size + 1), utf8(lineEnd)])).toEqual(expected);
    }),
  );
});

test('an event cut off by the end of the stream is dropped', () => {
  expect(read([utf8(heartbeat.slice(0, -1))])).toEqual([]);
});

test('an event longer than the limit is reported once, and nothing after it is read', () => {
  const long = `event: HEARTBEAT\ndata: ${'x'.repeat(200)}`;
  const pieces = cut(utf8(`${long}\n\n${heartbeat}`), 50);
  expect(read(pieces, 100)).toEqual([{ kind: 'malformed', problem: 'an event is longer than 100 characters' }]);
});

test('many small events are not one long event', () => {
  const parsed = read(cut(utf8(heartbeat.repeat(50)), 7), 200);
  expect(parsed).toHaveLength(50);
});

test('a full sync of 8 MiB in network-sized pieces is read', () => {
  const flags = Array.from({ length: 40_000 }, (_, index) => flagOf(`flag-${index}`, 1, true));
  const bytes = utf8(formatMessage({ type: 'FULL_SYNC', position, reason: 'initial', ruleset: rulesetJson(1, flags) }));
  expect(bytes.length).toBeGreaterThan(8 * 1024 * 1024);
  expect(read(cut(bytes, 1_460)).map((parsed) => parsed.kind)).toEqual(['message']);
});
