import { expect, test } from 'vitest';
import { formatPosition, statusOf } from '../src/index.ts';
import { createBench, only } from './machine.ts';
import { accept, delta, fullSync, heartbeat, live, one, refuse, say, status, two } from './conversation.ts';

test('a client connects at once, takes the full sync, and is live', () => {
  const bench = createBench().put({ type: 'start' });
  expect(bench.effects()).toContainEqual({ type: 'connect', request: 1, position: undefined, refreshKey: false });
  expect(status(bench)).toBe('connecting');
  say(accept(bench), fullSync(one));
  expect(status(bench)).toBe('live');
  const { source, stale, position } = statusOf(bench.state());
  expect({ source, stale, position }).toEqual({
    source: 'network',
    stale: false,
    position: formatPosition(one.position),
  });
});

test('with a bootstrap it resumes from there, and is stale until the server agrees', () => {
  const bench = createBench().put({ type: 'start', held: one, source: 'bootstrap' });
  expect(only(bench.effects(), 'connect')[0]?.position).toBe(formatPosition(one.position));
  expect(statusOf(bench.state())).toMatchObject({ source: 'bootstrap', stale: true });
  say(accept(bench), heartbeat());
  expect(statusOf(bench.state())).toMatchObject({ state: 'live', source: 'bootstrap', stale: false });
});

test('a delta is applied at once and the next stream resumes from it', () => {
  const bench = say(live(), delta);
  expect(only(bench.effects(), 'changed')).toHaveLength(1);
  expect(bench.state().held?.position).toEqual(two.position);
  bench.put({ type: 'ended', request: bench.request() }).pass(1_000);
  expect(only(bench.effects(), 'connect')[0]?.position).toBe(formatPosition(two.position));
});

test.each([
  [404, 'not-found', 150_000, 300_000],
  [410, 'gone', 2_880_000, 4_320_000],
  [415, 'refused', 150_000, 300_000],
  [204, 'server', 0, 1_000],
  [302, 'server', 0, 1_000],
  [408, 'server', 0, 1_000],
  [429, 'server', 0, 1_000],
  [500, 'server', 0, 1_000],
] as const)('status %i is %s and tried again after %i to %i ms', (code, reason, least, most) => {
  for (const random of [0, 0.999]) {
    const bench = refuse(createBench({}, random).put({ type: 'start' }), code);
    expect(statusOf(bench.state()).reason).toBe(reason);
    const delay = bench.state().retryAt ?? -1;
    expect(delay >= least && delay < most).toBe(true);
  }
});

test('in poll mode there is no stream: polls come every 30 s, a 304 is good news', () => {
  const bench = createBench({ mode: 'poll' }).put({ type: 'start' });
  bench.put({ type: 'response', request: 1, status: 200, contentType: 'application/json' });
  bench.put({ type: 'message', request: 1, message: fullSync(one) });
  expect(statusOf(bench.state())).toMatchObject({ state: 'polling', stale: false });
  bench.effects();
  expect(only(bench.pass(30_000).effects(), 'poll', 'connect')).toEqual([
    { type: 'poll', request: 2, position: formatPosition(one.position), refreshKey: false },
  ]);
  bench.put({ type: 'response', request: 2, status: 304 });
  expect(bench.state().pollAt).toBe(60_000);
  expect(status(bench)).toBe('polling');
});

test('in poll mode a poll that fails is repeated soon, and one that hangs is given up', () => {
  const bench = createBench({ mode: 'poll' }).put({ type: 'start' });
  bench.put({ type: 'ended', request: 1, problem: 'ECONNREFUSED' });
  expect(bench.state().pollAt).toBe(500);
  bench.pass(500).pass(30_000);
  expect(statusOf(bench.state())).toMatchObject({ state: 'polling', reason: 'network', stale: true });
});

test('offline nothing is asked for', () => {
  const bench = createBench({ mode: 'offline' }).put({ type: 'start', held: one, source: 'bootstrap' });
  expect(only(bench.effects(), 'connect', 'poll', 'timer')).toEqual([]);
  expect(statusOf(bench.state())).toMatchObject({ state: 'idle', source: 'bootstrap' });
});

test('news of a request that is over is ignored', () => {
  const bench = live();
  bench.put({ type: 'ended', request: 1 }).pass(500).effects();
  const before = bench.state();
  bench.put({ type: 'message', request: 1, message: delta }).put({ type: 'ended', request: 1 });
  bench.put({ type: 'response', request: 1, status: 401 }).put({ type: 'malformed', request: 1, problem: 'x' });
  expect(bench.state()).toEqual(before);
  expect(bench.effects()).toEqual([]);
});

test('closing ends the stream and the timer, and nothing follows', () => {
  const bench = live().put({ type: 'close' });
  expect(only(bench.effects(), 'cancel', 'timer')).toEqual([
    { type: 'cancel', request: 1 },
    { type: 'timer', at: undefined },
  ]);
  bench.put({ type: 'start' }).put({ type: 'tick' }).put({ type: 'message', request: 1, message: delta });
  expect(bench.effects()).toEqual([]);
  expect(status(bench)).toBe('closed');
});
