import { expect, test } from 'vitest';
import { formatPosition } from '../src/index.ts';
import { createBench, only } from './machine.ts';
import type { Bench } from './machine.ts';
import { accept, delta, fullSync, heartbeat, live, one, say, two } from './conversation.ts';

const hello = heartbeat(one.position, { stream: 's1', intervalMs: 30_000, ack: true });
const stream = (bench: Bench, message = heartbeat()): Bench =>
  bench.put({ type: 'message', request: bench.state().stream?.request ?? 0, message });
const acks = (bench: Bench): unknown[] =>
  only(bench.effects(), 'ack').map(({ stream: name, position, lagMs }) => [name, position, lagMs]);

test('where the server wants it, a full sync is acknowledged after 1 to 2 s, with the time since', () => {
  const bench = stream(live(), hello);
  expect(acks(bench.pass(1_499))).toEqual([]);
  expect(acks(bench.pass(1))).toEqual([['s1', formatPosition(one.position), 1_500]]);
  expect(acks(stream(live({}, 0), hello).pass(1_000))).toHaveLength(1);
  expect(acks(stream(live({}, 0.999), hello).pass(1_998))).toEqual([]);
});

test('where it does not, nothing is said', () => {
  const bench = stream(live(), heartbeat(one.position, { stream: 's1', intervalMs: 30_000 }));
  for (let beat = 0; beat < 5; beat += 1) stream(bench.pass(30_000));
  stream(bench, delta);
  expect(acks(bench.pass(5_000))).toEqual([]);
});

test('deltas in one go are acknowledged together, and count from the last', () => {
  const bench = stream(live(), hello).pass(10_000);
  bench.effects();
  stream(bench, delta).pass(700);
  const third = { ...two.position, version: 3 };
  stream(bench, { type: 'FLAG_UPDATE', from: two.position, position: third, flags: {} });
  expect(acks(bench.pass(10_000))).toEqual([['s1', formatPosition(third), 800]]);
});

test('otherwise every second heartbeat is answered', () => {
  const bench = stream(live(), hello).pass(10_000);
  bench.effects();
  const said: number[] = [];
  for (let beat = 1; beat <= 6; beat += 1) {
    stream(bench.pass(27_000)).pass(3_000);
    said.push(acks(bench).length);
  }
  expect(said).toEqual([0, 1, 0, 1, 0, 1]);
});

test('a position that a heartbeat moved on is not said to be applied', () => {
  const bench = stream(live(), hello).pass(10_000);
  bench.effects();
  const moved = { ...one.position, version: 9 };
  stream(stream(bench, heartbeat(moved)), heartbeat(moved));
  expect(bench.state().held?.position).toEqual(moved);
  expect(acks(bench.pass(2_000))).toEqual([['s1', formatPosition(one.position), 11_500]]);
});

test('one that gets no answer is given up with the next, or with its stream; what becomes of it is no news', () => {
  const bench = stream(live(), hello).pass(2_000);
  const [first] = only(bench.effects(), 'ack');
  bench.put({ type: 'ended', request: first?.request ?? 0, problem: 'ECONNRESET' });
  expect(bench.effects()).toEqual([]);
  stream(bench, delta).pass(2_000);
  const effects = only(bench.effects(), 'ack', 'cancel');
  expect(effects.map(({ type }) => type)).toEqual(['cancel', 'ack']);
  bench.put({ type: 'close' });
  expect(only(bench.effects(), 'cancel').map(({ request }) => request)).toEqual([1, effects[1]?.request]);
});

test('the next stream is acknowledged by its own name, if it wants that', () => {
  const bench = stream(live(), hello).put({ type: 'ended', request: 1 }).pass(1_000);
  say(accept(bench), fullSync(two)).effects();
  expect(acks(bench.pass(5_000))).toEqual([]);
  stream(bench, heartbeat(two.position, { stream: 's2', ack: true }));
  expect(acks(bench.pass(5_000))).toEqual([['s2', formatPosition(two.position), 6_500]]);
});

test('a client without rules has nothing to say', () => {
  const bench = say(accept(createBench().put({ type: 'start' })), hello);
  expect(acks(bench.pass(3_000))).toEqual([]);
});
