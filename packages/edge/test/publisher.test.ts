import { compileRuleset } from '@flags/core';
import { holdRuleset } from '@flags/sync';
import type { HeldState } from '@flags/sync';
import { createFakeClock } from '@flags/sync/testing';
import { expect, test } from 'vitest';
import { createKvPublisher } from '../src/index.ts';
import { createFakeKv, createWorld, ruleset, settle } from './world.ts';

const state = (version: number): HeldState => holdRuleset(compileRuleset(ruleset(version, `v${version}`)));

test('a store is told at most once a second, and only of the newest state', async () => {
  const [kv, clock] = [createFakeKv(), createFakeClock()];
  const publisher = createKvPublisher(kv, { view: 'server', clock });
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
  const publisher = createKvPublisher(kv, { view: 'server', clock });
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
  const first = createKvPublisher(kv, { view: 'server', clock });
  first.publish(state(7));
  await first.flush();
  const second = createKvPublisher(kv, { view: 'server', clock });
  second.publish(state(6));
  await settle();
  expect(kv.entries.get('server/head')).toContain('"e1.7.');
});

test('a store that takes nothing is told of, and tried again', async () => {
  const [kv, clock] = [createFakeKv(), createFakeClock()];
  const told: boolean[] = [];
  const publisher = createKvPublisher(kv, { view: 'server', clock, onWritten: (isWritten) => told.push(isWritten) });
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
  const publisher = createKvPublisher(kv, { view: 'server', clock });
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
