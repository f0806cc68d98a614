import { updateRuleset } from '@flags/core';
import { expect, test } from 'vitest';
import { externalSegments } from '../src/index.ts';
import type { LookUpSegments } from '../src/index.ts';
import { createFakeClock } from '../src/testing/index.ts';
import { external, inSegment, never, rules, segmentsOf, settle, setup, user } from './segments.ts';

test('an answer is kept for its time, also one that says no, and is then at hand without waiting', async () => {
  const bench = setup({ ttlMs: 1_000 });
  bench.answer = () => [];
  expect(segmentsOf(await bench.read())).toEqual([]);
  bench.clock.advance(999);
  expect(bench.segments.resolve(rules, user)).toEqual({ ...user, $segments: [] });
  expect(bench.asked).toHaveLength(1);
  expect(bench.observed).toEqual(['answered 0', 'lookup', 'cache']);
});

test('an old answer is used at once while it is asked for anew, for as long again; later it is waited for', async () => {
  const bench = setup({ ttlMs: 1_000 });
  await bench.read();
  bench.answer = () => ['gold'];
  bench.clock.advance(1_999);
  const works: Promise<unknown>[] = [];
  const old = bench.segments.resolve(rules, user, { later: (work) => void works.push(work) });
  expect(old).toEqual({ ...user, $segments: ['beta'] });
  expect(works).toHaveLength(1);
  await works[0];
  expect(bench.segments.resolve(rules, user)).toEqual({ ...user, $segments: ['gold'] });
  bench.clock.advance(2_000);
  bench.answer = () => [];
  expect(segmentsOf(await bench.read())).toEqual([]);
  expect(bench.observed.filter((what) => !what.startsWith('answered'))).toEqual(['lookup', 'stale', 'cache', 'lookup']);
});

test('one unit is asked about once at a time', async () => {
  const bench = setup();
  const contexts = await Promise.all([bench.read(), bench.read(), bench.read({ targetingKey: 'bob' })]);
  expect(bench.asked.map(({ unit }) => unit)).toEqual(['ann', 'bob']);
  expect(contexts.map(segmentsOf)).toEqual([['beta'], ['beta'], ['beta']]);
});

test('only so many units are remembered: the least recently used is given up', async () => {
  const bench = setup({ maxUnits: 2 });
  for (const targetingKey of ['a', 'b', 'a', 'c', 'a', 'b']) await bench.read({ targetingKey });
  expect(bench.asked.map(({ unit }) => unit)).toEqual(['a', 'b', 'c', 'b']);
});

test('a lookup that takes too long is not waited for; what it says later is there for the next', async () => {
  const bench = setup({ timeoutMs: 100 });
  let say = (_keys: string[]): void => {};
  bench.answer = () => new Promise((resolve) => void (say = resolve));
  const reading = bench.read();
  await settle();
  bench.clock.advance(100);
  expect(await reading).toEqual({ ...user, $segments: [], $unresolved: ['beta', 'gold'] });
  expect(bench.observed).toEqual(['timeout 100', 'nowhere']);
  expect(bench.logged).toEqual([
    'External segments could not be looked up: no answer within 100 ms. What is known of a unit is used on.',
  ]);
  say(['gold']);
  await settle();
  expect(bench.segments.resolve(rules, user)).toEqual({ ...user, $segments: ['gold'] });
  expect(bench.logged[1]).toBe('External segments can be looked up again.');
  expect(bench.clock.pending()).toBe(0);
});

test('an answer that is overtaken by a later question’s is not kept', async () => {
  const bench = setup({ timeoutMs: 100 });
  const says: ((keys: string[]) => void)[] = [];
  bench.answer = () => new Promise((resolve) => void says.push(resolve));
  const first = bench.read();
  await settle();
  bench.clock.advance(100);
  await first;
  const second = bench.read();
  await settle();
  says[1]!(['gold']);
  expect(segmentsOf(await second)).toEqual(['gold']);
  says[0]!(['beta']);
  await settle();
  expect(segmentsOf(await bench.read())).toEqual(['gold']);
});

test.each<[why: string, lookUp: LookUpSegments]>([
  ['ECONNREFUSED', () => Promise.reject(Object.assign(new Error('of ann'), { code: 'ECONNREFUSED' }))],
  [
    'ENOTFOUND',
    () => Promise.reject(new TypeError('of ann', { cause: Object.assign(new Error('of ann'), { code: 'ENOTFOUND' }) })),
  ],
  ['it threw', () => Promise.reject('of ann')],
  [
    'TypeError',
    () => {
      throw new TypeError('of ann');
    },
  ],
  ['the answer is no list of keys', () => 'beta'],
  ['the answer is no list of keys', () => undefined as never],
])(
  'where a lookup fails (%s), what is known is used however old it is, and what is not is said',
  async (why, fails) => {
    const bench = setup({ ttlMs: 1_000 });
    await bench.read();
    bench.clock.advance(1e9);
    bench.answer = fails;
    expect(await bench.read()).toEqual({ ...user, $segments: ['beta'] });
    expect(await bench.read({ targetingKey: 'bob' })).toEqual({
      targetingKey: 'bob',
      $segments: [],
      $unresolved: ['beta', 'gold'],
    });
    expect(bench.observed.slice(2)).toEqual(['failed 0', 'stale', 'failed 0', 'nowhere']);
    // Once, and without what the error says of a person.
    expect(bench.logged).toHaveLength(1);
    expect(bench.logged[0]).toContain(why);
    expect(bench.logged[0]).not.toContain('ann');
    bench.answer = () => ['gold'];
    expect(await bench.read({ targetingKey: 'bob', $unresolved: ['beta'] })).toEqual({
      targetingKey: 'bob',
      $segments: ['gold'],
    });
  },
);

test('after five failures in a row nobody waits for some seconds', async () => {
  const bench = setup({ timeoutMs: 100 });
  bench.answer = never;
  const readings = Array.from({ length: 5 }, (_, index) => bench.read({ targetingKey: `u${index}` }));
  await settle();
  bench.clock.advance(100);
  await Promise.all(readings);
  expect(bench.segments.resolve(rules, user)).toMatchObject({ $unresolved: ['beta', 'gold'] });
  bench.clock.advance(4_999);
  expect(bench.segments.resolve(rules, user)).toMatchObject({ $unresolved: ['beta', 'gold'] });
  expect(bench.asked).toHaveLength(5);
  bench.clock.advance(1);
  bench.answer = () => ['beta'];
  expect(segmentsOf(await bench.read())).toEqual(['beta']);
});

test('a segment that came with a change is asked for, though the unit is known', async () => {
  const bench = setup();
  await bench.read();
  const after = updateRuleset(rules, {
    version: 2,
    flags: { d: inSegment('d', 'new') },
    segments: { new: external('new') },
  });
  bench.answer = ({ segments }) => segments;
  expect(segmentsOf(await bench.read(user, after))).toEqual(['beta', 'gold', 'new']);
  expect(bench.asked).toHaveLength(2);
  // Where it cannot be asked for, that alone is not known.
  const third = updateRuleset(after, { version: 3, flags: { e: inSegment('e', 'x') }, segments: { x: external('x') } });
  bench.answer = () => Promise.reject(new Error('down'));
  expect(await bench.read(user, third)).toEqual({ ...user, $segments: ['beta', 'gold', 'new'], $unresolved: ['x'] });
});

test('a lookup that died with the request that began it holds nobody up', async () => {
  // As in isolates: timers and answers of a request that is gone never come.
  const clock = createFakeClock();
  let isDying = true;
  const after: typeof clock.after = (ms, callback) => (isDying ? () => {} : clock.after(ms, callback));
  const asked: string[] = [];
  const lookUp: LookUpSegments = ({ unit }) => {
    asked.push(unit);
    return isDying ? never() : ['beta'];
  };
  const segments = externalSegments(lookUp, { timeoutMs: 100 })({ clock: { ...clock, after }, random: () => 0.5 });
  void segments.resolve(rules, user);
  await settle();
  isDying = false;
  clock.advance(50);
  // Who joins it waits by a clock of their own.
  const joined = segments.resolve(rules, user);
  await settle();
  expect(asked).toEqual(['ann']);
  clock.advance(100);
  expect(await joined).toMatchObject({ $unresolved: ['beta', 'gold'] });
  isDying = true;
  void segments.resolve(rules, user);
  await settle();
  isDying = false;
  clock.advance(100);
  expect(await segments.resolve(rules, user)).toEqual({ ...user, $segments: ['beta'] });
  expect(asked).toEqual(['ann', 'ann', 'ann']);
});

test('failures with a success between them are not in a row, and a late answer ends the pause', async () => {
  const bench = setup({ timeoutMs: 100 });
  const fail = async (times: number): Promise<void> => {
    bench.answer = () => Promise.reject(new Error('down'));
    for (let time = 0; time < times; time += 1) await bench.read({ targetingKey: 'x' });
  };
  await fail(4);
  bench.answer = () => [];
  await bench.read({ targetingKey: 'y' });
  await fail(4);
  expect(bench.asked).toHaveLength(9);
  let say = (_keys: string[]): void => {};
  bench.answer = () => new Promise((resolve) => void (say = resolve));
  const last = bench.read({ targetingKey: 'z' });
  await settle();
  bench.clock.advance(100);
  await last;
  expect(await bench.read()).toMatchObject({ $unresolved: ['beta', 'gold'] });
  expect(bench.asked).toHaveLength(10);
  say([]);
  await settle();
  bench.answer = () => ['gold'];
  expect(segmentsOf(await bench.read())).toEqual(['gold']);
});

test('a lookup under way that does not ask for enough is not joined', async () => {
  const bench = setup();
  bench.answer = async ({ segments }) => segments;
  const after = updateRuleset(rules, {
    version: 2,
    flags: { d: inSegment('d', 'new') },
    segments: { new: external('new') },
  });
  const contexts = await Promise.all([bench.read(), bench.read(user, after), bench.read()]);
  expect(contexts.map(segmentsOf)).toEqual([
    ['beta', 'gold'],
    ['beta', 'gold', 'new'],
    ['beta', 'gold'],
  ]);
  expect(bench.asked).toHaveLength(2);
});
