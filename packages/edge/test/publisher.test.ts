import { compileRuleset } from '@flags/core';
import { holdRuleset } from '@flags/sync';
import type { Clock, HeldState } from '@flags/sync';
import { createFakeClock } from '@flags/sync/testing';
import { expect, test } from 'vitest';
import { createKvPublisher, redisKv } from '../src/index.ts';
import type { EdgeKv, PublishOutcome } from '../src/index.ts';
import { createFakeKv, createWorld, ruleset, settle } from './world.ts';

const state = (version: number): HeldState => holdRuleset(compileRuleset(ruleset(version, `v${version}`)));

function createTestPublisher(kv: EdgeKv, clock: Clock, onOutcome?: (outcome: PublishOutcome) => void) {
  let held: HeldState | undefined;
  const { publish, flush } = createKvPublisher(kv, { view: 'server', current: () => held, clock, onOutcome });
  return {
    publish: (next: HeldState | undefined): void => {
      held = next;
      publish();
    },
    flush,
  };
}

test('a store is told at most once a second, and only of the newest state', async () => {
  const [kv, clock] = [createFakeKv(), createFakeClock()];
  const publisher = createTestPublisher(kv, clock);
  publisher.publish(state(1));
  await settle();
  for (let version = 2; version <= 5; version += 1) publisher.publish(state(version));
  await settle();
  const heads = (): number => kv.calls.filter((call) => call === 'put server/head').length;
  expect(heads()).toBe(1);
  clock.advance(999);
  await settle();
  expect(heads()).toBe(1);
  clock.advance(1);
  await publisher.flush();
  expect(heads()).toBe(2);
  expect(
    kv.calls.filter((call) => call.startsWith('put server/rs/')).map((call) => /e1\.(\d)/.exec(call)?.[1]),
  ).toEqual(['1', '5']);
  expect(kv.entries.get('server/head')).toContain('"e1.5.');
});

test('a state that is still the newest is only said to be so', async () => {
  const [kv, clock] = [createFakeKv(), createFakeClock()];
  const publisher = createTestPublisher(kv, clock);
  publisher.publish(state(1));
  await settle();
  clock.advance(30_000);
  publisher.publish(state(1));
  await settle();
  expect(kv.calls.filter((call) => call.startsWith('put'))).toEqual([
    expect.stringMatching('put server/rs/'),
    'put server/head',
    'put server/head',
  ]);
  expect(JSON.parse(kv.entries.get('server/head') ?? '')).toMatchObject({ at: clock.now(), before: [] });
});

test('a head that is newer stays', async () => {
  const [kv, clock] = [createFakeKv(), createFakeClock()];
  const first = createTestPublisher(kv, clock);
  first.publish(state(7));
  await first.flush();
  const told: PublishOutcome[] = [];
  const second = createTestPublisher(kv, clock, (outcome) => told.push(outcome));
  second.publish(state(6));
  await settle();
  expect(told).toEqual([{ kind: 'overtaken' }]);
  expect(kv.entries.get('server/head')).toMatch(/^\{"position":"e1\.7\./);
});

test('a store that takes nothing is told of, and tried again', async () => {
  const [kv, clock] = [createFakeKv(), createFakeClock()];
  const told: PublishOutcome[] = [];
  const publisher = createTestPublisher(kv, clock, (outcome) => told.push(outcome));
  kv.fault = 'rejects';
  publisher.publish(state(1));
  await settle();
  kv.fault = 'none';
  clock.advance(1_000);
  await settle();
  publisher.publish(state(1));
  await settle();
  expect(told).toEqual([{ kind: 'failed', reason: 'the request failed' }, { kind: 'written' }]);
});

test('a store that does not say what it has is not written: that may be newer', async () => {
  const [kv, clock] = [createFakeKv(), createFakeClock()];
  const told: PublishOutcome[] = [];
  kv.fault = 'hangs';
  createTestPublisher(kv, clock, (outcome) => told.push(outcome)).publish(state(1));
  await settle();
  clock.advance(10_000);
  await settle();
  expect(told).toEqual([{ kind: 'failed', reason: 'no answer within 10 s' }]);
  expect(kv.calls).toEqual(['get server/head']);
});

test.each([
  [
    async () => new Response('', { status: 401 }),
    'status 401: the token is refused; give one that may read and write there',
  ],
  [async () => new Response('', { status: 429 }), /^status 429: too many requests, or the quota is used up/],
  [async () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } })), /\(ECONNREFUSED\)$/],
  [async () => Promise.reject(new TypeError('"Bearer secret" is no header')), 'the request failed'],
])('what went wrong is said in one line, without secrets: %#', async (fetch, expected) => {
  const told: PublishOutcome[] = [];
  const kv = redisKv({ url: 'https://redis.test', token: 'secret', fetch });
  createTestPublisher(kv, createFakeClock(), (outcome) => told.push(outcome)).publish(state(1));
  await settle();
  expect(told).toEqual([{ kind: 'failed', reason: expect.stringMatching(expected) }]);
});

test('isolates serve what was published, and do not ask the relay meanwhile', async () => {
  const kv = createFakeKv();
  const { read, relay, clock } = createWorld({ globalKv: kv });
  const publisher = createTestPublisher(kv, clock);
  publisher.publish(state(3));
  await settle();
  expect(await read()).toBe('v3');
  await settle();
  expect(relay.asked).toHaveLength(0);
  clock.advance(30_000);
  publisher.publish(state(4));
  await settle();
  await read();
  await settle();
  expect(await read()).toBe('v4');
  expect(relay.asked).toHaveLength(0);
});

test('what nobody can vouch for now is not published', async () => {
  const [kv, clock] = [createFakeKv(), createFakeClock()];
  const publisher = createTestPublisher(kv, clock);
  publisher.publish(undefined);
  await publisher.flush();
  expect(kv.calls).toEqual([]);
});
