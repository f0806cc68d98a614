import { expect, test } from 'vitest';
import { formatPosition, statusOf } from '../src/index.ts';
import { createBench, only } from './machine.ts';
import type { Bench } from './machine.ts';
import { accept, fullSync, heartbeat, live, one, refuse, say, status } from './conversation.ts';

test('the delay doubles up to 10 s and starts anew after a minute of health', () => {
  const bench = createBench().put({ type: 'start' });
  const delays: number[] = [];
  for (let attempt = 0; attempt < 7; attempt += 1) {
    const before = bench.time();
    bench.put({ type: 'ended', request: bench.state().stream?.request ?? 0, problem: 'ECONNREFUSED' });
    while (bench.state().stream === undefined) bench.pass(100);
    delays.push(bench.time() - before);
  }
  expect(delays).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  const request = bench.state().stream?.request ?? 0;
  bench.put({ type: 'response', request, status: 200, contentType: 'text/event-stream' });
  bench.put({ type: 'message', request, message: fullSync(one) });
  expect(bench.state().failures).toBe(7);
  bench.pass(60_000);
  expect(bench.state().failures).toBe(0);
});

test('a stream that ends before it was healthy does not reset the delay', () => {
  const bench = live();
  bench.pass(59_000).put({ type: 'ended', request: bench.request() });
  bench.pass(500);
  say(accept(bench), heartbeat());
  bench.put({ type: 'ended', request: bench.request() });
  expect((bench.state().retryAt ?? 0) - bench.time()).toBe(1_000);
});

test('Retry-After is obeyed', () => {
  const bench = refuse(createBench().put({ type: 'start' }), 503, '20');
  expect(bench.state().retryAt).toBe(25_000);
  expect(statusOf(bench.state())).toMatchObject({ state: 'waiting', reason: 'server' });
});

test('a Retry-After of nothing, or in the past, does not undo the backoff', () => {
  for (const retryAfter of ['0', 'Sat, 01 Jan 2000 00:00:00 GMT']) {
    const bench = createBench({}, 0.5).put({ type: 'start' });
    for (let failure = 0; failure < 6; failure += 1) {
      refuse(bench, 503, retryAfter);
      while (bench.state().stream === undefined) bench.pass(100);
    }
    expect(bench.time()).toBeGreaterThan(15_000);
  }
});

test('a refused key is failure, tried again rarely, and never for good', () => {
  const bench = refuse(createBench().put({ type: 'start' }), 401);
  expect(statusOf(bench.state())).toMatchObject({ state: 'failed', reason: 'auth' });
  expect(statusOf(bench.state()).message).toBe('auth: status 401');
  bench.effects();
  expect(only(bench.pass(150_000).effects(), 'connect', 'poll')).toEqual([]);
  expect(only(bench.pass(75_000).effects(), 'connect', 'poll')).toHaveLength(1);
  expect(status(bench)).toBe('failed');
  say(accept(bench), fullSync(one));
  expect(statusOf(bench.state())).toMatchObject({ state: 'live', reason: undefined });
});

test('a key that can be fetched is fetched once at once, then before each rare attempt', () => {
  const bench = refuse(createBench({ canRefreshKey: true }).put({ type: 'start' }), 403);
  expect(statusOf(bench.state()).reason).toBeUndefined();
  expect(only(bench.pass(0).effects(), 'connect').map((effect) => effect.refreshKey)).toEqual([false, true]);
  refuse(bench, 403);
  expect(status(bench)).toBe('failed');
  expect(only(bench.pass(10_000).effects(), 'connect')).toEqual([]);
  expect(only(bench.pass(300_000).effects(), 'connect')[0]?.refreshKey).toBe(true);
});

test('a position the server does not take is dropped once', () => {
  const bench = refuse(createBench().put({ type: 'start', held: one, source: 'cache' }), 400);
  expect(only(bench.pass(0).effects(), 'connect').map((effect) => effect.position)).toEqual([
    formatPosition(one.position),
    undefined,
  ]);
  refuse(bench, 400);
  expect(statusOf(bench.state())).toMatchObject({ state: 'failed', reason: 'refused' });
});

test('a page instead of a stream means polling, and a try at the stream every five minutes', () => {
  const bench = createBench().put({ type: 'start' });
  bench.put({ type: 'response', request: 1, status: 200, contentType: 'text/html' });
  expect(statusOf(bench.state())).toMatchObject({ state: 'polling', reason: 'blocked' });
  bench.effects();
  expect(only(bench.pass(299_000).effects(), 'connect')).toEqual([]);
  expect(only(bench.pass(1_000).effects(), 'connect')).toHaveLength(1);
});

test('a stream that is held back is given up after five seconds', () => {
  const bench = accept(createBench().put({ type: 'start' }));
  bench.pass(4_000).put({ type: 'bytes', request: 1 }).pass(1_000);
  expect(statusOf(bench.state())).toMatchObject({ state: 'polling', reason: 'blocked' });
});

test('no response in 15 s is a failure', () => {
  const bench = createBench().put({ type: 'start', held: one, source: 'cache' });
  expect(status(bench.pass(14_999))).toBe('connecting');
  expect(statusOf(bench.pass(1).state())).toMatchObject({ state: 'waiting', reason: 'network' });
});

test('a client with nothing to serve polls beside a stream that does not answer for five seconds', () => {
  const bench = createBench().put({ type: 'start' });
  expect(status(bench.pass(4_999))).toBe('connecting');
  expect(only(bench.pass(1_001).effects(), 'poll')).toHaveLength(1);
  expect(bench.state().stream?.request).toBe(1);
  const told = refuse(createBench().put({ type: 'start' }), 503, '60');
  told.effects();
  expect(only(told.pass(59_000).effects(), 'poll')).toEqual([]);
  const stocked = createBench().put({ type: 'start', held: one, source: 'cache' });
  expect(only(stocked.pass(14_999).effects(), 'poll')).toEqual([]);
});

test('a live stream is dead after two and a half heartbeats without a byte, at the server’s own interval', () => {
  const bench = live();
  bench.pass(74_000).put({ type: 'bytes', request: 1 }).pass(74_000);
  expect(status(bench)).toBe('live');
  bench.pass(1_000);
  expect(statusOf(bench.state())).toMatchObject({ state: 'waiting', reason: 'network', stale: true });
  const fast = say(live(), heartbeat(one.position, { intervalMs: 1_000 }));
  expect(status(fast.pass(2_500))).toBe('waiting');
});

test('two minutes without a stream start polling beside the attempts, and a healthy stream ends it', () => {
  const bench = createBench({ backoffCap: 60_000, backoffBase: 60_000 });
  bench.put({ type: 'start', held: one, source: 'cache' });
  const end = (): Bench => bench.put({ type: 'ended', request: bench.state().stream?.request ?? 0, problem: 'x' });
  end();
  bench.effects();
  bench.pass(30_000);
  end();
  for (let waited = 0; waited < 90_000; waited += 30_000) {
    bench.pass(30_000);
    end();
  }
  expect(status(bench)).toBe('polling');
  const poll = only(bench.pass(1_000).effects(), 'poll')[0]?.request ?? 0;
  bench.put({ type: 'response', request: poll, status: 200, contentType: 'application/json' });
  bench.put({ type: 'message', request: poll, message: fullSync(one) });
  expect(statusOf(bench.state())).toMatchObject({ state: 'polling', stale: false, source: 'network' });
  while (bench.state().stream === undefined) bench.pass(1_000);
  const request = bench.state().stream?.request ?? 0;
  bench.put({ type: 'response', request, status: 200, contentType: 'text/event-stream' });
  bench.put({ type: 'message', request, message: heartbeat() });
  expect(bench.state().polling).toBe(true);
  bench.pass(60_000);
  expect(bench.state()).toMatchObject({ polling: false, poll: undefined, pollAt: undefined });
  expect(status(bench)).toBe('live');
});

test('five failures start polling too', () => {
  const bench = createBench({}, 0).put({ type: 'start' });
  for (let failure = 1; failure <= 5; failure += 1) {
    expect(bench.state().polling).toBe(false);
    bench.put({ type: 'ended', request: bench.state().stream?.request ?? 0, problem: 'x' }).pass(0);
  }
  expect(bench.state().polling).toBe(true);
});

test('a goodbye is no failure: the client comes back within the window, and is not stale meanwhile', () => {
  const bench = live().pass(60_000);
  say(bench, { type: 'GOODBYE', reason: 'drain', windowMs: 10_000, retry: true });
  expect(statusOf(bench.state())).toMatchObject({ state: 'waiting', reason: undefined, stale: false });
  expect(bench.state().failures).toBe(0);
  expect((bench.state().retryAt ?? 0) - bench.time()).toBe(5_000);
});

test('goodbyes to every new stream slow the client down', () => {
  const bench = live();
  for (let round = 0; round < 4; round += 1) {
    say(bench, { type: 'GOODBYE', reason: 'drain', windowMs: 0, retry: true });
    while (bench.state().stream === undefined) bench.pass(100);
    say(accept(bench), heartbeat());
  }
  expect(bench.state().failures).toBe(4);
  expect(bench.time()).toBeGreaterThan(7_000);
});

test('goodbyes that are all a new stream says slow the client down too', () => {
  const bench = live();
  for (let round = 0; round < 4; round += 1) {
    say(bench, { type: 'GOODBYE', reason: 'drain', windowMs: 0, retry: true });
    while (bench.state().stream === undefined) bench.pass(100);
    accept(bench);
  }
  expect(bench.state().failures).toBe(4);
  expect(bench.time()).toBeGreaterThan(7_000);
});

test('a goodbye for good is tried again hourly', () => {
  const bench = say(live(), { type: 'GOODBYE', reason: 'revoked', windowMs: 0, retry: false });
  expect(statusOf(bench.state())).toMatchObject({ state: 'failed', reason: 'gone' });
  expect(bench.state().retryAt).toBe(3_600_000);
});

test('a goodbye with a long window does not leave the client in the dark: it polls after two minutes', () => {
  const bench = live().pass(60_000);
  say(bench, { type: 'GOODBYE', reason: 'drain', windowMs: 1_200_000, retry: true });
  expect(status(bench.pass(119_999))).toBe('waiting');
  expect(status(bench.pass(1))).toBe('polling');
});

test('values on a stream of rules are a mistake of the server: what is held stays', () => {
  const bench = live();
  const { held } = bench.state();
  say(bench, { type: 'VALUES', position: { ...one.position, version: 9 }, values: {} });
  expect(statusOf(bench.state())).toMatchObject({ state: 'waiting', reason: 'data' });
  expect(bench.state().held).toBe(held);
});
