import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEventStream, formatMessage } from '../src/index.ts';
import type { ParsedMessage } from '../src/index.ts';
import { flagOf, rulesetJson } from './rulesets.ts';
import { setup } from './setup.ts';
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

const beat = (time: number): string => `{"position":"e1.1.00000000","time":${time}}`;
/** The times of the heartbeats in a text. */
const times = (text: string, size = text.length * 4): unknown[] =>
  read(cut(utf8(text), size)).map((parsed) =>
    parsed.kind === 'message' && parsed.message.type === 'HEARTBEAT' ? parsed.message.time : parsed.kind,
  );

// The cases of the standard's own format tests, by their names, as far as they touch what is read here.
test.each<[string, string, readonly unknown[]]>([
  ['bom: one is taken off', `\uFEFFevent:HEARTBEAT\ndata:${beat(1)}\n\n`, [1]],
  [
    'bom 2: a second one is part of a field that nobody knows',
    `\uFEFF\uFEFFevent:HEARTBEAT\ndata:${beat(1)}\n\n`,
    ['unknown'],
  ],
  ['bom later: it makes the field unknown', `\n\uFEFFdata:x\nevent:HEARTBEAT\ndata:${beat(1)}\n\n`, [1]],
  ['comments: of any length, anywhere', `:${'x'.repeat(5_000)}\nevent:HEARTBEAT\n:data:7\ndata:${beat(1)}\n:\n\n`, [1]],
  ['data before the final empty line: is dropped', `event:HEARTBEAT\ndata:${beat(1)}`, []],
  [
    'field data: lines are joined by a line end',
    `event:HEARTBEAT\ndata:{"position":"e1.1.00000000",\ndata\ndata:"time":1}\n\n`,
    [1],
  ],
  ['field data: none is no event', 'event:HEARTBEAT\n\nevent:HEARTBEAT\nid:7\n\n', []],
  ['field event: names one event only', `event:HEARTBEAT\ndata:${beat(1)}\n\ndata:${beat(2)}\n\n`, [1, 'unknown']],
  ['field event: the last one counts', `event:x\nevent:HEARTBEAT\ndata:${beat(1)}\n\n`, [1]],
  ['field event empty: is none', `event:HEARTBEAT\nevent:\ndata:${beat(1)}\n\n`, ['unknown']],
  ['field id: with a null is ignored', `event:HEARTBEAT\nid:a\0b\ndata:${beat(1)}\n\n`, [1]],
  [
    'field parsing: names are taken as they are',
    `event:HEARTBEAT\ndata:${beat(1)}\nData:x\n data:x\ndata :x\ndata\0:x\n\n`,
    [1],
  ],
  [
    'field retry: bogus or not, it changes nothing here',
    `retry:3000\nretry:1000x\nevent:HEARTBEAT\ndata:${beat(1)}\n\n`,
    [1],
  ],
  ['field unknown: is ignored', `event:HEARTBEAT\nfoo:bar\nfoobar\n:foo\ndata:${beat(1)}\nevent_:x\n\n`, [1]],
  [
    'leading space: one is taken off',
    `event: HEARTBEAT\ndata: ${beat(1)}\n\nevent:  HEARTBEAT\ndata:${beat(2)}\n\n`,
    [1, 'unknown'],
  ],
  [
    'newlines: every kind, mixed',
    `event:HEARTBEAT\r\ndata:${beat(1)}\n\r\nevent:HEARTBEAT\rdata:${beat(2)}\r\r`,
    [1, 2],
  ],
  ['null character: is data like any other', `event:HEARTBEAT\ndata:\0\n\n`, ['malformed']],
])('%s', (_, text, expected) => {
  // The last CR of a text may be half a CRLF, so a comment follows.
  for (const size of [1, 2, 3, 7, 100_000])
    expect(times(`${text}${expected.length === 0 ? '' : ':'}`, size)).toEqual(expected);
});

test('utf-8: characters that are split between pieces are whole, and broken ones do not end the stream', () => {
  for (const size of [1, 2, 3, 5]) {
    const [parsed] = read(cut(utf8(goodbye), size));
    expect(parsed).toMatchObject({ message: { reason: 'größe 😀' } });
  }
  const broken = Uint8Array.from([...utf8(':'), 0xff, 0xc3, 0xf0, 0x9f, ...utf8(`\n${heartbeat}`)]);
  for (const size of [1, 4, 64]) expect(read(cut(broken, size)).map(({ kind }) => kind)).toEqual(['message']);
});

// Time that grows with the square of the length would take these many minutes.
test.each([
  ['one line of 2 MiB, byte by byte', `data:${'x'.repeat(2 * 1024 * 1024)}\n\n`, 1],
  ['one line of 15 MiB in pieces of 64 bytes', `data:${'x'.repeat(15 * 1024 * 1024)}\n\n`, 64],
  ['a comment of 4 MiB in pieces of 3 bytes', `:${'x'.repeat(4 * 1024 * 1024)}\ndata:x\n\n`, 3],
  ['200 000 lines of data', `${'data:xxxxxxxx\n'.repeat(200_000)}\n`, 1_460],
])(
  '%s takes time that grows with its length',
  (_, text, size) => {
    const bytes = utf8(text);
    let events = 0;
    const stream = createEventStream(() => (events += 1));
    for (let start = 0; start < bytes.length; start += size) stream.push(bytes.subarray(start, start + size));
    expect(events).toBe(1);
  },
  30_000,
);

test('an event above 16 MiB ends its stream, says so, and leaves the rules alone', () => {
  const made = setup({ bootstrap: rulesetJson(1, [flagOf('a', 1, true)]) });
  const stream = made.transport.last('stream');
  stream.respond();
  stream.write('event: FULL_SYNC\ndata: ');
  const piece = 'x'.repeat(1024 * 1024);
  for (let pieces = 0; pieces < 17; pieces += 1) stream.write(piece);
  expect(stream.closed()).toBe(true);
  expect(made.client.status()).toMatchObject({
    reason: 'data',
    message: 'data: an event is longer than 16777216 characters',
  });
  expect(made.client.value('a', false)).toBe(true);
});
