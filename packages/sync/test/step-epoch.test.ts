import { expect, test } from 'vitest';
import { statusOf } from '../src/index.ts';
import type { HeldState } from '../src/index.ts';
import { createBench, only } from './machine.ts';
import type { Bench } from './machine.ts';
import { accept, fullSync, heartbeat, live, one, say } from './conversation.ts';
import { flagOf, held } from './rulesets.ts';

/** Rules of a history that sorts after the server's. */
const foreign: HeldState = held(7, [flagOf('a', 7, true)], [], 'e9');
const warnings = (bench: Bench): string[] =>
  only(bench.effects(), 'log')
    .filter(({ level }) => level === 'warn')
    .map(({ text }) => text);
const beats = (bench: Bench, count: number, position = one.position): Bench => {
  for (let beat = 0; beat < count; beat += 1) {
    bench
      .pass(30_000)
      .put({ type: 'message', request: bench.state().stream?.request ?? 0, message: heartbeat(position) });
  }
  return bench;
};

function started(source: 'bootstrap' | 'cache'): Bench {
  const bench = createBench().put({ type: 'start', held: foreign, source });
  return say(accept(bench), heartbeat());
}

test.each(['bootstrap', 'cache'] as const)('a %s of an epoch that no server has gives way after minutes', (source) => {
  const bench = started(source);
  expect(warnings(bench)).toEqual([expect.stringMatching(new RegExp(`before epoch e9 of the ${source}`))]);
  expect(statusOf(bench.state())).toMatchObject({ state: 'live', source, stale: true });
  expect(only(beats(bench, 9).effects(), 'connect', 'log', 'changed')).toEqual([]);
  const [again] = only(beats(bench, 1).effects(), 'connect');
  expect(again?.position).toBeUndefined();
  say(accept(bench), fullSync(one));
  expect(bench.state().held?.position).toEqual(one.position);
  expect(statusOf(bench.state())).toMatchObject({ source: 'network', stale: false });
});

test('it gives way to a full sync that is taken by reference, or comes by a poll, as well', () => {
  const bench = beats(started('cache'), 10);
  const ref = { url: '/r', bytes: 9, sha256: '0f'.repeat(32) };
  say(accept(bench), { type: 'FULL_SYNC', position: one.position, reason: 'initial', ref });
  const message = fullSync(one);
  if (message.type !== 'FULL_SYNC' || 'ref' in message) throw new Error('no ruleset');
  bench.put({ type: 'loaded', request: bench.request(), ruleset: message.ruleset });
  expect(bench.state().held?.position).toEqual(one.position);

  const polling = createBench({ mode: 'poll' }).put({ type: 'start', held: foreign, source: 'cache' });
  const poll = (): Bench =>
    polling.put({ type: 'message', request: polling.state().poll ?? 0, message: fullSync(one) }).pass(30_000);
  for (let asked = 0; asked < 10; asked += 1) poll();
  expect(polling.state().held?.position).toEqual(foreign.position);
  poll();
  expect(polling.state().held?.position).toEqual(one.position);
});

test('a replica that catches up in time changes nothing', () => {
  const bench = beats(beats(started('bootstrap'), 5), 1, foreign.position);
  bench.effects();
  expect(only(beats(bench, 20, foreign.position).effects(), 'connect', 'changed')).toEqual([]);
  expect(statusOf(bench.state())).toMatchObject({ source: 'bootstrap', stale: false });
});

test('another epoch than the one that was waited for has to wait as well', () => {
  const bench = beats(started('bootstrap'), 10);
  say(accept(bench), fullSync(held(3, [], [], 'e0')));
  expect(bench.state().held?.position).toEqual(foreign.position);
  expect(bench.state().olderServer).toMatchObject({ epoch: 'e0' });
});

test('what a server sent never gives way to an older epoch; the logger hears of it once', () => {
  const old = { ...one.position, epoch: 'e0' };
  const bench = beats(live(), 30, old);
  expect(warnings(bench)).toEqual([expect.stringContaining('mint a new epoch at the origin')]);
  bench.put({ type: 'ended', request: 1 }).pass(1_000);
  say(accept(bench), fullSync(held(9, [], [], 'e0')));
  expect(bench.state().held?.position).toEqual(one.position);
});

test('a lower version of the same epoch is a replica that is behind, and no news', () => {
  const bench = createBench().put({ type: 'start', held: held(5, []), source: 'bootstrap' });
  beats(say(accept(bench), heartbeat()), 30);
  expect(bench.state().olderServer).toBeUndefined();
  expect(bench.state().source).toBe('bootstrap');
  expect(warnings(bench)).toEqual([]);
});
