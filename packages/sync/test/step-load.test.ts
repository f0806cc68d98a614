import { expect, test } from 'vitest';
import { formatPosition, statusOf } from '../src/index.ts';
import type { FullSyncRef, HeldState, Message } from '../src/index.ts';
import type { Bench } from './machine.ts';
import { createBench, only } from './machine.ts';
import { accept, delta, fullSync, heartbeat, live, one, say, two } from './conversation.ts';
import { flagOf, held, rulesetJson } from './rulesets.ts';

const sha256 = '0f'.repeat(32);
const three: HeldState = held(3, [flagOf('a', 3, false)]);
const toThree: Message = {
  type: 'FLAG_UPDATE',
  from: two.position,
  position: three.position,
  flags: { a: flagOf('a', 3, false) },
};

function refTo({ position }: HeldState): FullSyncRef {
  return { type: 'FULL_SYNC', position, reason: 'cheaper', ref: { url: `/r?${position.version}`, bytes: 9, sha256 } };
}

/** A live client that holds one and is told to load two. */
function loading(): Bench {
  const bench = say(live(), refTo(two));
  return bench;
}
const loaded = (bench: Bench, ruleset: unknown = rulesetJson(2, [flagOf('a', 2, true)])): Bench =>
  bench.put({ type: 'loaded', request: bench.state().load?.request ?? 0, ruleset });
const version = (bench: Bench): number | undefined => bench.state().held?.position.version;

/** Says something on the stream, whatever else is under way. */
const stream = (bench: Bench, message: Message): Bench =>
  bench.put({ type: 'message', request: bench.state().stream?.request ?? 0, message });

test('what is held stays until the ruleset is there, and is replaced at once', () => {
  const bench = loading();
  expect(only(bench.effects(), 'load', 'changed')).toEqual([{ type: 'load', request: 2, ref: refTo(two).ref }]);
  expect(version(bench)).toBe(1);
  expect(statusOf(bench.state())).toMatchObject({ state: 'live', stale: true });
  loaded(bench);
  expect(only(bench.effects(), 'changed')).toHaveLength(1);
  expect(bench.state().held?.position).toEqual(two.position);
  expect(statusOf(bench.state())).toMatchObject({ state: 'live', stale: false, drift: false });
});

test('a client with nothing loads too, and heartbeats meanwhile cause no resync', () => {
  const bench = createBench().put({ type: 'start' });
  stream(say(accept(bench), refTo(two)), heartbeat(two.position)).pass(4_000);
  stream(bench.pass(20_000), heartbeat(two.position));
  expect(only(bench.pass(20_000).effects(), 'connect')).toHaveLength(1);
  expect(version(loaded(bench))).toBe(2);
});

test('deltas wait for it and follow it in order; older ones are left out', () => {
  const bench = loading();
  stream(stream(bench, delta), toThree);
  expect(version(bench)).toBe(1);
  loaded(bench);
  expect(bench.state().held?.position).toEqual(three.position);
  expect(statusOf(bench.state()).stale).toBe(false);
});

test('deltas that grow too long are dropped, and the stream is resumed afterwards', () => {
  const bench = loading();
  const long: Message = { ...toThree, flags: { a: flagOf('x'.repeat(300_000), 3, false) } };
  stream(stream(bench, toThree), long);
  expect(bench.state().load?.deltas).toHaveLength(2);
  stream(bench, long);
  expect(bench.state().load).toMatchObject({ deltas: [], missed: three.position });
  loaded(bench);
  expect(version(bench)).toBe(2);
  bench.effects();
  expect(only(bench.pass(15_000).effects(), 'connect')).toEqual([
    { type: 'connect', request: 3, position: formatPosition(two.position), refreshKey: false },
  ]);
});

test.each([
  ['an answer that is no success', { type: 'response', status: 404 }],
  ['a redirect', { type: 'response', status: 302 }],
  ['a page', { type: 'response', status: 200, contentType: 'text/html' }],
  ['a connection that was cut', { type: 'ended', problem: 'ECONNRESET' }],
  ['an answer that ends', { type: 'ended' }],
  ['JSON that is no ruleset', { type: 'loaded', ruleset: { format: 1 } }],
] as const)('%s leads to a snapshot, once, with everything', (_, what) => {
  const bench = loading();
  bench.effects();
  bench.put({ ...what, request: 2 });
  expect(only(bench.effects(), 'cancel', 'poll')).toEqual([
    { type: 'cancel', request: 2 },
    { type: 'poll', request: 3, position: undefined, refreshKey: false },
  ]);
  stream(bench, toThree).put({ type: 'response', request: 3, status: 200, contentType: 'application/json' });
  bench.put({ type: 'message', request: 3, message: fullSync(two) });
  expect(bench.state().held?.position).toEqual(three.position);
  expect(bench.state()).toMatchObject({ load: undefined, poll: undefined, pollAt: undefined });
  expect(only(bench.effects(), 'poll', 'connect')).toEqual([]);
});

test('an answer that does not come in a minute leads to a snapshot', () => {
  const bench = loading();
  bench.effects();
  for (let beat = 0; beat < 3; beat += 1) bench.pass(20_000).put({ type: 'bytes', request: 1 });
  expect(only(bench.effects(), 'poll')).toHaveLength(1);
});

test('a snapshot that fails too is not repeated: the stream is resumed after the integrity hold', () => {
  const bench = loading().put({ type: 'ended', request: 2 });
  bench.put({ type: 'response', request: 3, status: 503, retryAfter: '1' });
  expect(statusOf(bench.state())).toMatchObject({ state: 'live', stale: true, reason: 'server' });
  expect(bench.state().load).toBeUndefined();
  bench.effects();
  for (let beat = 0; beat < 9; beat += 1) stream(bench.pass(30_000), heartbeat(two.position));
  expect(only(bench.effects(), 'connect', 'poll', 'load')).toEqual([]);
  stream(bench.pass(30_000), heartbeat(two.position)).pass(8_000);
  expect(only(bench.effects(), 'connect')).toHaveLength(1);
});

test('polls that begin beside the snapshot wait for it', () => {
  const bench = accept(createBench().put({ type: 'start' }));
  bench.put({ type: 'message', request: 1, message: refTo(two) }).put({ type: 'ended', request: 2 });
  bench.put({ type: 'ended', request: 1 }).pass(500);
  bench.put({ type: 'response', request: bench.state().stream?.request ?? 0, status: 200, contentType: 'text/html' });
  expect(bench.state()).toMatchObject({ polling: true, poll: 3, pollAt: undefined });
  bench.put({ type: 'message', request: 3, message: fullSync(two) });
  expect(bench.state().pollAt).toBeGreaterThan(24_000);
});

test('a snapshot that only refers to the rules is of no use', () => {
  const bench = loading().put({ type: 'ended', request: 2 });
  bench.put({ type: 'message', request: 3, message: refTo(two) });
  expect(bench.state()).toMatchObject({ load: undefined, poll: undefined });
  expect(statusOf(bench.state()).reason).toBe('data');
});

test('a newer full sync takes the place of the load; the same or an older one does not', () => {
  const bench = loading();
  bench.effects();
  stream(stream(bench, refTo(two)), refTo(one));
  expect(only(bench.effects(), 'load', 'cancel')).toEqual([]);
  stream(bench, refTo(three));
  expect(only(bench.effects(), 'load', 'cancel').map(({ type, request }) => [type, request])).toEqual([
    ['cancel', 2],
    ['load', 3],
  ]);
  bench.put({ type: 'loaded', request: 2, ruleset: rulesetJson(2) });
  expect(version(bench)).toBe(1);
  stream(bench, fullSync(held(4, [flagOf('a', 4, true)])));
  expect(version(bench)).toBe(4);
  expect(only(bench.effects(), 'cancel')).toEqual([{ type: 'cancel', request: 3 }]);
});

test('a load that was overtaken by a poll changes nothing', () => {
  const bench = createBench({ mode: 'poll' }).put({ type: 'start', held: one, source: 'cache' });
  const poll = (message: Message): Bench =>
    bench.put({ type: 'message', request: bench.state().poll ?? 0, message }).pass(30_000);
  poll(refTo(two));
  const { request = 0 } = bench.state().load ?? {};
  poll({ ...delta, position: three.position } as Message);
  bench.put({ type: 'loaded', request, ruleset: rulesetJson(2) });
  expect(version(bench)).toBe(3);
});

test('the load outlives its stream, and a stream that says the same goes on with it', () => {
  const bench = loading().put({ type: 'ended', request: 1 }).pass(1_000);
  bench.effects();
  const request = bench.state().stream?.request ?? 0;
  bench.put({ type: 'response', request, status: 200, contentType: 'text/event-stream' });
  stream(bench, refTo(two));
  expect(only(bench.effects(), 'load')).toEqual([]);
  expect(version(loaded(bench))).toBe(2);
});

test('what is referred to and held already is not fetched', () => {
  const bench = say(live(), refTo(one));
  expect(only(bench.effects(), 'load')).toEqual([]);
  expect(statusOf(bench.state()).stale).toBe(false);
});

test('a ruleset of another format is no matter of how it is fetched', () => {
  const bench = loaded(loading(), { format: 2 });
  expect(statusOf(bench.state())).toMatchObject({ state: 'failed', reason: 'format' });
  expect(bench.state().load).toBeUndefined();
});

test('one that does not add up is taken, and shows as drift', () => {
  const bench = loaded(loading(), rulesetJson(2, [flagOf('a', 2, true, { digest: 'other' })]));
  expect(version(bench)).toBe(2);
  expect(statusOf(bench.state())).toMatchObject({ drift: true, stale: false });
  expect(bench.state().resync).toBeDefined();
});

test('closing cancels the load, and the snapshot in its place', () => {
  expect(only(loading().put({ type: 'close' }).effects(), 'cancel').map(({ request }) => request)).toEqual([1, 2]);
  const bench = loading().put({ type: 'ended', request: 2 });
  bench.effects();
  expect(only(bench.put({ type: 'close' }).effects(), 'cancel').map(({ request }) => request)).toEqual([1, 3]);
  expect(loaded(bench).effects()).toEqual([]);
});
