import { expect, test } from 'vitest';
import { formatPosition, holdRuleset, statusOf } from '../src/index.ts';
import { createBench, only } from './machine.ts';
import { accept, delta, fullSync, heartbeat, live, one, say, two } from './conversation.ts';
import { compiled, flagOf, held } from './rulesets.ts';

test('an older full sync changes nothing, and neither does an older delta', () => {
  const bench = say(live(), delta);
  bench.effects();
  say(say(bench, fullSync(one)), delta);
  expect(only(bench.effects(), 'changed')).toEqual([]);
  expect(bench.state().held?.position).toEqual(two.position);
});

test('a server that is ahead for two seconds has lost a delta: the stream is resumed', () => {
  const bench = say(live(), heartbeat(two.position));
  expect(statusOf(bench.state()).stale).toBe(true);
  bench.effects();
  expect(only(bench.pass(9_499).effects(), 'cancel', 'connect')).toEqual([]);
  expect(only(bench.pass(1).pass(7_500).effects(), 'cancel', 'connect')).toEqual([
    { type: 'cancel', request: 1 },
    { type: 'connect', request: 2, position: formatPosition(one.position), refreshKey: false },
  ]);
});

test('a delta that comes a moment after the heartbeat makes the resync needless', () => {
  const bench = say(say(live(), heartbeat(two.position)), delta);
  bench.effects();
  expect(only(bench.pass(20_000).effects(), 'connect')).toEqual([]);
  expect(statusOf(bench.state()).stale).toBe(false);
});

test('a delta after a gap is not applied, and the stream is resumed', () => {
  const three = { ...two.position, version: 3 };
  const bench = say(live(), { type: 'FLAG_UPDATE', from: two.position, position: three, flags: {} });
  expect(bench.state().held?.position).toEqual(one.position);
  bench.effects();
  expect(only(bench.pass(7_500).effects(), 'connect')[0]?.position).toBe(formatPosition(one.position));
});

test('another hash at the same version is a fork: resumed once, then at most every five minutes', () => {
  const fork = { ...one.position, hash: 'ffffffff' };
  const bench = say(live(), heartbeat(fork));
  expect(statusOf(bench.state())).toMatchObject({ drift: true, drifts: 1 });
  bench.effects();
  expect(only(bench.pass(7_500).effects(), 'connect')).toHaveLength(1);
  say(accept(bench), fullSync(one, fork));
  expect(bench.state().held?.position).toEqual(one.position);
  expect(statusOf(bench.state())).toMatchObject({ drift: true, drifts: 2, stale: false });
  // Whoever listens hears of each: a state that stays is news when it is found anew.
  expect(only(bench.effects(), 'status').at(-1)?.status).toMatchObject({ drifts: 2 });
  for (let beat = 0; beat < 9; beat += 1) say(bench.pass(30_000), heartbeat(fork));
  expect(only(bench.effects(), 'connect')).toEqual([]);
  expect(statusOf(bench.state()).drifts).toBe(2);
  say(bench.pass(30_000), heartbeat(fork)).pass(7_500);
  expect(only(bench.effects(), 'connect')).toHaveLength(1);
});

test('a full sync that agrees ends the drift', () => {
  const fork = held(1, [flagOf('a', 1, true, { digest: 'other' })]);
  const bench = say(live(), heartbeat(fork.position)).pass(7_500);
  say(accept(bench), fullSync(fork));
  expect(statusOf(bench.state())).toMatchObject({ drift: false, drifts: 1, stale: false });
  expect(bench.state().held?.position).toEqual(fork.position);
});

test('a higher version with the same hash is adopted without asking', () => {
  const bench = say(live(), heartbeat({ ...one.position, version: 7 }));
  expect(bench.state().held?.position).toEqual({ ...one.position, version: 7 });
  expect(bench.state().held?.ruleset.flags.size).toBe(1);
  expect(bench.state().resync).toBeUndefined();
  expect(only(bench.effects(), 'changed')).toEqual([]);
});

test('a server that is behind is left alone', () => {
  const bench = say(say(live(), delta), heartbeat(one.position));
  expect(bench.state().resync).toBeUndefined();
  expect(statusOf(bench.state())).toMatchObject({ state: 'live', stale: false });
});

test('an unreadable event keeps the state and starts over, slower each time', () => {
  const bench = live();
  bench.put({ type: 'malformed', request: 1, problem: 'bad' });
  expect(statusOf(bench.state())).toMatchObject({ state: 'waiting', reason: 'data' });
  expect(bench.state().held?.position).toEqual(one.position);
  bench.effects();
  expect(only(bench.pass(500).effects(), 'connect')[0]?.position).toBeUndefined();
});

test('a ruleset of another format keeps the state and says so', () => {
  const position = { ...one.position, version: 2 };
  const bench = say(live(), { type: 'FULL_SYNC', position, reason: 'epoch', ruleset: { format: 2 } });
  expect(statusOf(bench.state())).toMatchObject({ state: 'failed', reason: 'format' });
  expect(bench.state().held?.position).toEqual(one.position);
});

test('the server’s clock counts when it differs by more than two seconds', () => {
  expect(say(live(), heartbeat(one.position, { time: 1_001_999 })).state().clockOffset).toBe(0);
  expect(say(live(), heartbeat(one.position, { time: 1_060_000 })).state().clockOffset).toBe(60_000);
});

test('a resumed position has the hash of what is held, whatever the server claimed', () => {
  const bench = createBench().put({ type: 'start' });
  say(accept(bench), fullSync(one, { ...one.position, hash: 'ffffffff' }));
  expect(bench.state().held?.position).toEqual(holdRuleset(compiled(1, [flagOf('a', 1, false)])).position);
});
