import { compileRuleset } from '@flags/core';
import { holdRuleset } from '@flags/sync';
import type { Clock, HeldState } from '@flags/sync';
import { createFakeClock } from '@flags/sync/testing';
import { expect, test } from 'vitest';
import { createKvPublisher } from '../src/index.ts';
import type { EdgeKv } from '../src/index.ts';
import { createFakeKv, createWorld, ruleset, settle } from './world.ts';

const state = (version: number): HeldState => holdRuleset(compileRuleset(ruleset(version, `v${version}`)));

function createTestPublisher(kv: EdgeKv, clock: Clock, onWritten?: (isWritten: boolean) => void) {
  let held: HeldState | undefined;
  const { publish, flush } = createKvPublisher(kv, { view: 'server', current: () => held, clock, onWritten });
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
  const second = createTestPublisher(kv, clock);
  second.publish(state(6));
  await settle();
  expect(kv.entries.get('server/head')).toMatch(/^\{"position":"e1\.7\./);
});

test('a store that takes nothing is told of, and tried again', async () => {
  const [kv, clock] = [createFakeKv(), createFakeClock()];
  const told: boolean[] = [];
  const publisher = createTestPublisher(kv, clock, (isWritten) => told.push(isWritten));
  kv.fault = 'rejects';
  publisher.publish(state(1));
  await settle();
  kv.fault = 'none';
  clock.advance(1_000);
  await settle();
  publisher.publish(state(1));
  await settle();
  expect(told).toEqual([false, true]);
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
