import { expect, test } from 'vitest';
import { DEFAULT_POLICY, statusOf } from '../src/index.ts';
import type { Policy, ProblemCode } from '../src/index.ts';
import { createBench, only } from './machine.ts';
import type { Bench } from './machine.ts';
import { accept, fullSync, heartbeat, live, one, refuse, say } from './conversation.ts';
import { held } from './rulesets.ts';

// One row for each line of the protocol's error table: what happens to a first stream, the reason that `status()` gives, the
// least and the most time until the next one, whether polls are made meanwhile, and whether the next asks for everything.
type Row = readonly [
  what: string,
  happen: (bench: Bench) => unknown,
  reason: ProblemCode | undefined,
  least: number,
  most: number,
  polls?: 'polls' | undefined,
  everything?: 'everything',
];

const status =
  (code: number, retryAfter?: string) =>
  (bench: Bench): unknown =>
    refuse(bench, code, retryAfter);
const answer =
  (contentType: string | undefined) =>
  (bench: Bench): unknown =>
    bench.put({ type: 'response', request: 1, status: 200, contentType });
const goodbye =
  (windowMs: number, retry = true) =>
  (bench: Bench): unknown =>
    say(accept(bench), { type: 'GOODBYE', reason: 'r', windowMs, retry });
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const table: readonly Row[] = [
  ['nobody listens', (bench) => bench.put({ type: 'ended', request: 1, problem: 'ECONNREFUSED' }), 'network', 0, 1_000],
  ['the body ends', (bench) => accept(bench).put({ type: 'ended', request: 1 }), 'network', 0, 1_000],
  ['no response in 15 s', (bench) => bench.pass(15_000), 'network', 0, 1_000],
  ...[408, 425, 429, 500, 502, 503, 504, 599].map((code): Row => [`${code}`, status(code), 'server', 0, 1_000]),
  ['503 with Retry-After in seconds', status(503, '20'), 'server', 20_000, 30_000],
  ['429 with Retry-After as a date', status(429, new Date(1_030_000).toUTCString()), 'server', 30_000, 45_000],
  ['503 with Retry-After of a year', status(503, '31536000'), 'server', HOUR, 1.5 * HOUR],
  ['503 with a bogus Retry-After', status(503, 'soon'), 'server', 0, 1_000],
  ...[204, 205, 206, 304, 301, 302, 307].map((code): Row => [`${code}`, status(code), 'server', 0, 1_000]),
  ...[401, 403].map((code): Row => [`${code}`, status(code), 'auth', 150_000, 300_000]),
  ['404', status(404), 'not-found', 150_000, 300_000],
  ['400', status(400), undefined, 0, 1, undefined, 'everything'],
  ['410', status(410), 'gone', 48 * MINUTE, 72 * MINUTE],
  ...[405, 406, 409, 413, 415, 426, 431].map((code): Row => [
    `${code}`,
    status(code),
    'refused',
    150_000,
    300_000,
    'polls',
  ]),
  ['a page', answer('text/html'), 'blocked', 4 * MINUTE, 6 * MINUTE, 'polls'],
  ['JSON', answer('application/json'), 'blocked', 4 * MINUTE, 6 * MINUTE, 'polls'],
  ['no content type', answer(undefined), 'blocked', 4 * MINUTE, 6 * MINUTE, 'polls'],
  ['no event in 5 s', (bench) => accept(bench).pass(5_000), 'blocked', 4 * MINUTE, 6 * MINUTE, 'polls'],
  [
    'an event that cannot be read',
    (bench) => accept(bench).put({ type: 'malformed', request: 1, problem: 'bad' }),
    'data',
    0,
    1_000,
    undefined,
    'everything',
  ],
  ['a ruleset of another format', formatTwo, 'format', 150_000, 300_000, undefined, 'everything'],
  ['a goodbye with a window', goodbye(20_000), undefined, 0, 20_000],
  ['a goodbye without one', goodbye(0), undefined, 0, 1_000],
  ['a goodbye with a window of days', goodbye(1e9), undefined, 0, HOUR],
  ['a goodbye for good', goodbye(0, false), 'gone', 48 * MINUTE, 72 * MINUTE],
];

function formatTwo(bench: Bench): unknown {
  const position = { ...one.position, version: 2 };
  return say(accept(bench), { type: 'FULL_SYNC', position, reason: '', ruleset: { format: 2 } });
}

test.each(table.map((row) => ({ what: row[0], row })))('$what', ({ row }) => {
  const [, happen, reason, least, most, polls, everything] = row;
  for (const random of [0.001, 0.5, 0.999]) {
    const bench = createBench({}, random).put({ type: 'start', held: one, source: 'cache' });
    happen(bench);
    expect(statusOf(bench.state()).reason).toBe(reason);
    const delay = (bench.state().retryAt ?? -1) - bench.time();
    expect(delay >= least && delay < most, `${delay}`).toBe(true);
    expect(bench.state().polling).toBe(polls === 'polls');
    expect(bench.state().startOver).toBe(everything === 'everything');
    // Whatever it was, what is held stays, and there is a way on.
    expect(bench.state().held).toBe(one);
    bench.effects();
    expect(only(bench.pass(delay).effects(), 'connect')).toHaveLength(1);
  }
});

/** Makes every attempt of so many fail, and answers how long it took. */
function failTimes(bench: Bench, count: number, fail: (bench: Bench, request: number) => unknown): number {
  for (let failure = 0; failure < count; failure += 1) {
    while (bench.state().stream === undefined) bench.pass(500);
    fail(bench, bench.state().stream?.request ?? 0);
  }
  return bench.time();
}

test('400 without a position is a refusal', () => {
  const bench = refuse(createBench().put({ type: 'start' }), 400);
  expect(statusOf(bench.state())).toMatchObject({ state: 'failed', reason: 'refused' });
  expect(bench.state()).toMatchObject({ polling: true, retryAt: 225_000 });
});

test('what stays unreadable is asked for at the pace of the integrity hold, with polls beside', () => {
  const bench = createBench().put({ type: 'start' });
  failTimes(bench, 6, (_, request) => bench.put({ type: 'malformed', request, problem: 'bad' }));
  expect(bench.state().polling).toBe(true);
  expect((bench.state().retryAt ?? 0) - bench.time()).toBe(300_000);
});

test('a poll that is older than what is held changes nothing', () => {
  const bench = createBench({ mode: 'poll' }).put({ type: 'start', held: held(3, []), source: 'cache' });
  bench.put({ type: 'message', request: 1, message: fullSync(one) });
  expect(bench.state().held?.position.version).toBe(3);
});

test('a heartbeat interval of days does not switch the dead timer off', () => {
  const bench = say(live(), heartbeat(one.position, { intervalMs: 1e12 }));
  bench.pass(2.5 * DEFAULT_POLICY.heartbeatCap);
  expect(statusOf(bench.state())).toMatchObject({ state: 'waiting', reason: 'network' });
});

test.each<[string, Partial<Policy>, (bench: Bench, request: number) => unknown]>([
  ['connections that fail', {}, (bench, request) => bench.put({ type: 'ended', request, problem: 'x' })],
  ['a server in trouble', {}, (bench, request) => bench.put({ type: 'response', request, status: 500 })],
])('%s are answered by attempts that stay below ten seconds apart', (_, policy, fail) => {
  const bench = createBench(policy, 0.999).put({ type: 'start', held: one, source: 'cache' });
  expect(failTimes(bench, 10, fail)).toBeLessThan(1_000 + 2_000 + 4_000 + 8_000 + 6 * 10_500);
  expect(bench.state().polling).toBe(true);
});
