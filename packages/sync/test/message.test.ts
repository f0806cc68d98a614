import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEventStream, formatEnvelope, formatMessage, parseEnvelope, parseMessage } from '../src/index.ts';
import type { Message, ParsedMessage } from '../src/index.ts';
import { flagOf, rulesetJson, segmentOf } from './rulesets.ts';
import { utf8 } from './utf8.ts';

const from = { epoch: 'e1', version: 4, hash: '0000000a' };
const position = { epoch: 'e1', version: 6, hash: '0000000b' };

const messages: Message[] = [
  { type: 'FULL_SYNC', position, reason: 'initial', ruleset: rulesetJson(6, [flagOf('a', 6, true)]) },
  {
    type: 'FULL_SYNC',
    position,
    reason: 'initial',
    ref: { url: '/v1/ruleset?position=e1.6.0000000b', bytes: 300_000, sha256: '0f'.repeat(32) },
  },
  { type: 'FLAG_UPDATE', from, position, flags: { a: flagOf('a', 6, true), b: null } },
  {
    type: 'FLAG_UPDATE',
    from,
    position,
    flags: {},
    segments: { s: segmentOf('s', 6, ['u']), t: null },
    seals: [{ view: 'client', version: 5, root: 'r', signature: 's', keyId: 'k' }],
  },
  { type: 'SEGMENT_UPDATE', from, position, segments: { s: null } },
  {
    type: 'VALUES',
    from,
    position,
    values: { a: { value: { deep: [1] }, variant: 'on', variation: 0, reason: 'SPLIT', version: 6 }, b: null },
  },
  { type: 'VALUES', position, values: { a: { value: null, reason: 'ERROR', errorCode: 'PARSE_ERROR' } } },
  // The clock alone changed an answer.
  { type: 'VALUES', from: { ...position, hash: '0000000c' }, position, values: {} },
  { type: 'HEARTBEAT', position, time: 1_800_000_000_000 },
  { type: 'HEARTBEAT', position, time: 0, stream: 's1', intervalMs: 30_000, ack: true },
  { type: 'GOODBYE', reason: 'drain', windowMs: 5_000, retry: true },
];

test.each(messages)('$type is read back as it was written, from a stream and from a snapshot', (message) => {
  const read: ParsedMessage[] = [];
  createEventStream((parsed) => read.push(parsed)).push(utf8(formatMessage(message)));
  expect(read).toEqual([{ kind: 'message', message }]);
  expect(parseEnvelope(formatEnvelope(message))).toEqual({ kind: 'message', message });
});

test('changes carry their position as id; heartbeats and goodbyes carry none', () => {
  for (const message of messages) {
    const hasId = /^id: e1\.6\.0000000b$/m.test(formatMessage(message));
    expect(hasId).toBe(message.type !== 'HEARTBEAT' && message.type !== 'GOODBYE');
  }
});

test('an event that is not known is ignored, whatever its data', () => {
  expect(parseMessage('message', '{')).toEqual({ kind: 'unknown' });
  expect(parseMessage('toString', '{}')).toEqual({ kind: 'unknown' });
  expect(parseMessage('__proto__', '{}')).toEqual({ kind: 'unknown' });
  expect(parseEnvelope('{"event":"NEWS","data":7}')).toEqual({ kind: 'unknown' });
});

test('members that are not known are ignored', () => {
  const data = JSON.stringify({ position: 'e1.6.0000000b', time: 1, later: { much: true } });
  expect(parseMessage('HEARTBEAT', data)).toEqual({
    kind: 'message',
    message: { type: 'HEARTBEAT', position, time: 1 },
  });
});

const ref = { url: '/v1/ruleset', bytes: 9, sha256: '0f'.repeat(32) };
const good = { from: 'e1.4.0000000a', position: 'e1.6.0000000b' };
test.each([
  ['FULL_SYNC', {}],
  ['FULL_SYNC', { position: 'e1.6.0000000b' }],
  ['FULL_SYNC', { position: 'e1.6.0000000b', ruleset: [] }],
  ['FULL_SYNC', { position: 'nonsense', ruleset: {} }],
  ['FULL_SYNC', { position: 'e1.6.0000000b', ref: null }],
  ['FULL_SYNC', { position: 'e1.6.0000000b', ref: { ...ref, url: 7 } }],
  ['FULL_SYNC', { position: 'e1.6.0000000b', ref: { ...ref, bytes: -1 } }],
  ['FULL_SYNC', { position: 'e1.6.0000000b', ref: { ...ref, sha256: '0F'.repeat(32) } }],
  ['FLAG_UPDATE', good],
  ['FLAG_UPDATE', { ...good, flags: [] }],
  ['FLAG_UPDATE', { ...good, flags: {}, segments: 7 }],
  ['FLAG_UPDATE', { ...good, flags: {}, from: 'e1.6.0000000b' }],
  ['FLAG_UPDATE', { ...good, flags: {}, from: 'e0.4.0000000a' }],
  ['SEGMENT_UPDATE', good],
  ['VALUES', { values: {} }],
  ['VALUES', { ...good }],
  ['VALUES', { ...good, values: [] }],
  ['VALUES', { ...good, values: {}, from: 'x' }],
  ['VALUES', { ...good, values: {}, from: 'e1.7.0000000a' }],
  ['VALUES', { ...good, values: {}, from: 'e0.4.0000000a' }],
  ['VALUES', { ...good, values: { a: true } }],
  ['VALUES', { ...good, values: { a: { reason: 'SPLIT' } } }],
  ['VALUES', { ...good, values: { a: { value: 1 } } }],
  ['VALUES', { ...good, values: { a: { value: 1, reason: 'SPLIT', variant: 7 } } }],
  ['VALUES', { ...good, values: { a: { value: 1, reason: 'SPLIT', variation: '0' } } }],
  ['HEARTBEAT', { position: 'e1.6.0000000b' }],
  ['HEARTBEAT', { position: 'e1.6.0000000b', time: '1' }],
  ['HEARTBEAT', { position: 'e1.6.0000000b', time: 1, intervalMs: 0 }],
  ['GOODBYE', []],
])('a known event that cannot be used is malformed: %s %j', (event, data) => {
  expect(parseMessage(event, JSON.stringify(data)).kind).toBe('malformed');
});

test('a goodbye that leaves things out asks to come back', () => {
  const message = { type: 'GOODBYE', reason: '', windowMs: 0, retry: true };
  expect(parseMessage('GOODBYE', '{}')).toEqual({ kind: 'message', message });
});

test('flags named like the members of every object are ordinary', () => {
  const data = `{"from":"e1.4.0000000a","position":"e1.6.0000000b","flags":{"__proto__":null,"constructor":null}}`;
  const parsed = parseMessage('FLAG_UPDATE', data);
  const flags = parsed.kind === 'message' && parsed.message.type === 'FLAG_UPDATE' ? parsed.message.flags : {};
  expect(Object.keys(flags)).toEqual(['__proto__', 'constructor']);
});

test('no input makes the reader throw, and every problem is one line', () => {
  const event = fc.constantFrom(
    'FULL_SYNC',
    'FLAG_UPDATE',
    'SEGMENT_UPDATE',
    'VALUES',
    'HEARTBEAT',
    'GOODBYE',
    'other',
  );
  const text = fc.oneof(fc.json(), fc.string(), fc.constant('null'));
  fc.assert(
    fc.property(event, text, (name, data) => {
      for (const parsed of [
        parseMessage(name, data),
        parseEnvelope(data),
        parseEnvelope(`{"event":"${name}","data":${data}}`),
      ]) {
        expect(parsed.kind === 'malformed' ? parsed.problem : 'none').toMatch(/^.{1,120}$/);
      }
    }),
  );
});
