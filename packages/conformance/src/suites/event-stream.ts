import { createEventStream, formatMessage } from '@flags/sync';
import type { Message, ParsedMessage } from '@flags/sync';
import { rulesetOf, switchFlag } from '@flags/sync/testing';
import { expectSame } from './case.ts';
import type { Case } from './case.ts';

const position = { epoch: 'e1', version: 2, hash: '0000000b' };
const from = { epoch: 'e1', version: 1, hash: '0000000a' };
const MESSAGES: readonly Message[] = [
  { type: 'HEARTBEAT', position, time: 5 },
  { type: 'FULL_SYNC', position, reason: 'initial', ruleset: { ...rulesetOf(2, [switchFlag('größe 😀')]) } },
  { type: 'FLAG_UPDATE', from, position, flags: { a: switchFlag('a', { version: 2 }), __proto__x: null } },
  { type: 'SEGMENT_UPDATE', from, position, segments: { s: null } },
  { type: 'GOODBYE', reason: 'größe 😀\u2028', windowMs: 1, retry: true },
];
const MEBIBYTE = 1024 * 1024;

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function readAll(bytes: Uint8Array, size: number, maxLength?: number): ParsedMessage[] {
  const read: ParsedMessage[] = [];
  const stream = createEventStream((parsed) => read.push(parsed), maxLength);
  for (let start = 0; start < bytes.length; start += size) stream.push(bytes.subarray(start, start + size));
  return read;
}

/** A stream as its bytes come: in any pieces, with any line end, long and broken. */
export function eventStreamCases(): readonly Case[] {
  const text = `retry: 5000\n: padding\n\n${MESSAGES.map(formatMessage).join(':\n\n')}`;
  const expected = MESSAGES.map((message) => ({ kind: 'message', message }));
  const lineEnds = { LF: '\n', CRLF: '\r\n', CR: '\r' };
  return [
    ...Object.entries(lineEnds).flatMap(([name, lineEnd]) =>
      [1, 2, 3, 7, 1_460, MEBIBYTE].map((size) => ({
        name: `every message with ${name}, in pieces of ${size}`,
        // A CR at the very end may be half a CRLF, so another line follows.
        run: () => expectSame(readAll(utf8(`\uFEFF${text.replaceAll('\n', lineEnd)}${lineEnd}`), size), expected),
      })),
    ),
    {
      name: 'bytes that are no UTF-8',
      run: () => {
        const broken = [0xff, 0xc3, 0xf0, 0x9f, 0xed, 0xa0, 0x80];
        const bytes = Uint8Array.from([...utf8(':'), ...broken, ...utf8(`\ndata: `), ...broken, ...utf8(`\n${text}`)]);
        const kinds = [1, 4, 64].map((size) => readAll(bytes, size).map(({ kind }) => kind));
        expectSame(kinds[1], kinds[0]);
        expectSame(kinds[2], kinds[0]);
        return kinds[0];
      },
    },
    ...[
      [MEBIBYTE / 16, 1],
      [MEBIBYTE, 64],
      [8 * MEBIBYTE, 65_536],
    ].map(([length = 0, size = 1]) => ({
      name: `a line of ${length} characters, in pieces of ${size}`,
      run: () => {
        const reason = 'x'.repeat(length);
        const [parsed] = readAll(utf8(formatMessage({ type: 'GOODBYE', reason, windowMs: 0, retry: true })), size);
        const message = parsed?.kind === 'message' ? parsed.message : undefined;
        expectSame(message?.type === 'GOODBYE' && message.reason === reason, true);
      },
    })),
    {
      name: 'an event beyond its limit is told once, and nothing after it is read',
      run: () => {
        const long = `event: HEARTBEAT\ndata: ${'x'.repeat(200)}\n\n`;
        const problem = 'an event is longer than 100 characters';
        expectSame(readAll(utf8(long + text), 50, 100), [{ kind: 'malformed', problem }]);
      },
    },
    {
      name: 'an event that is cut off is none',
      run: () => expectSame(readAll(utf8(formatMessage(MESSAGES[0] as Message).slice(0, -1)), 7), []),
    },
  ];
}
