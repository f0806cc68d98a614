import { expect, test } from 'vitest';
import type { Flag } from '@flags/core';
import { createFlagClient } from '../src/index.ts';
import { createFakeClock, createMemoryClient, createScriptedTransport } from '../src/testing/index.ts';
import type { MemoryClient } from '../src/testing/index.ts';
import { flagOf, held, rulesetJson, segmentOf } from './rulesets.ts';
import { connect, setup } from './setup.ts';
import type { Setup } from './setup.ts';

const START = 1_800_000_000_000;
const DAY = 86_400_000;
const iso = (ms: number): string => new Date(START + ms).toISOString();

/** A flag that is on from one moment until another. */
function windowed(key: string, from: number, until: number): Flag {
  const when = { time: { from: iso(from), until: iso(until) } };
  return flagOf(key, 1, false, { rules: [{ id: 'window', when, serve: { variation: 'on' } }] });
}

function clientOf(...flags: readonly Flag[]): MemoryClient {
  return createMemoryClient(rulesetJson(1, flags) as Record<string, never>);
}

/** With these flags, and nobody to talk to: no timer but those of time. */
function alone(...flags: readonly Flag[]): Setup {
  return setup({ mode: 'offline', bootstrap: rulesetJson(1, flags) });
}

test('a listener hears when a window of its flag opens and closes, and not of another flag’s', () => {
  const flags = clientOf(windowed('sale', 5_000, 9_000), windowed('other', 2_000, 3_000));
  const heard: unknown[] = [];
  flags.subscribe('sale', () => heard.push(flags.value('sale', false)));
  flags.clock.advance(4_999);
  expect(heard).toEqual([]);
  flags.clock.advance(1);
  expect(heard).toEqual([true]);
  flags.clock.advance(10_000);
  expect(heard).toEqual([true, false]);
});

test('time counts through prerequisites and segments', () => {
  const segment = { ...segmentOf('early', 1, []), rules: [{ time: { from: iso(3_000) } }] };
  const flags = [
    windowed('base', 1_000, DAY),
    flagOf('after', 1, true, { prerequisites: [{ flag: 'base', variations: ['on'] }] }),
    flagOf('inside', 1, false, { rules: [{ id: 'r', when: { segment: 'early' }, serve: { variation: 'on' } }] }),
  ];
  const client = createMemoryClient(rulesetJson(1, flags, [segment as never]) as Record<string, never>);
  const heard: string[] = [];
  for (const key of ['after', 'inside']) client.subscribe(key, () => heard.push(`${key} ${client.value(key, false)}`));
  client.clock.advance(2_000);
  expect(heard).toEqual(['after true']);
  client.clock.advance(2_000);
  expect(heard).toEqual(['after true', 'inside true']);
});

test('one timer for all, none when nobody listens or time changes nothing', async () => {
  const { client, clock } = alone(windowed('a', 5_000, DAY), windowed('b', 7_000, DAY), flagOf('c', 1, true));
  const stopC = client.subscribe('c', () => {});
  client.subscribe(() => {});
  stopC();
  expect(clock.pending()).toBe(0);
  const stops = ['a', 'b', 'a'].map((key) => client.subscribe(key, () => {}));
  expect(clock.pending()).toBe(1);
  stops[0]?.();
  stops[0]?.();
  stops[1]?.();
  expect(clock.pending()).toBe(1);
  stops[2]?.();
  expect(clock.pending()).toBe(0);
  client.subscribe('a', () => {});
  expect(clock.pending()).toBe(1);
  await client.close();
  expect(clock.pending()).toBe(0);
  client.subscribe('b', () => {});
  expect(clock.pending()).toBe(0);
});

test('a moment that is further away than a timer can tell is met', () => {
  const { client, clock } = alone(windowed('a', 60 * DAY, 90 * DAY));
  const heard: number[] = [];
  client.subscribe('a', () => heard.push(clock.now()));
  clock.advance(60 * DAY - 1);
  expect(heard).toEqual([]);
  clock.advance(1);
  expect(heard).toEqual([START + 60 * DAY]);
});

test('a client without this part reads as exactly, and has no timer for it', () => {
  const clock = createFakeClock();
  const options = { mode: 'offline', bootstrap: rulesetJson(1, [windowed('a', 5_000, DAY)]) } as const;
  const client = createFlagClient(options, { transport: createScriptedTransport(), clock, random: () => 0.5 });
  const stop = client.subscribe('a', () => {});
  expect([client.value('a', false), clock.pending()]).toEqual([false, 0]);
  clock.advance(5_000);
  expect(client.value('a', false)).toBe(true);
  stop();
});

test('new rules bring new moments', () => {
  const made = setup();
  const before = held(1, [windowed('a', 50_000, DAY)]);
  connect(made, {
    type: 'FULL_SYNC',
    position: before.position,
    reason: '',
    ruleset: rulesetJson(1, [windowed('a', 50_000, DAY)]),
  });
  const heard: unknown[] = [];
  made.client.subscribe('a', () => heard.push(made.client.value('a', false)));
  const position = { ...before.position, version: 2, hash: '00000000' };
  const flags = { a: { ...windowed('a', 2_000, DAY), version: 2, digest: 'new' } };
  made.transport.last('stream').send({ type: 'FLAG_UPDATE', from: before.position, position, flags });
  expect(heard).toEqual([false]);
  made.clock.advance(2_000);
  expect(heard).toEqual([false, true]);
});

test('moments close together are told as one', () => {
  const points = Array.from({ length: 20 }, (_, at) => [iso(1_000 + at), at * 1_000] as const);
  const progress = { from: 'off', to: 'on', points } as never;
  const { client, clock } = alone(flagOf('a', 1, false, { fallthrough: { progress } }), windowed('b', 1, 2));
  let heard = 0;
  client.subscribe('a', () => (heard += 1));
  clock.advance(1_900);
  expect(heard).toBe(1);
  clock.advance(1_000);
  expect(heard).toBe(2);
});

test('a clock that the server corrects is followed within a minute', () => {
  const made = setup();
  const flags = [windowed('a', DAY, 2 * DAY)];
  const { position } = held(1, flags);
  connect(made, { type: 'FULL_SYNC', position, reason: '', ruleset: rulesetJson(1, flags) });
  const heard: unknown[] = [];
  made.client.subscribe('a', () => heard.push(made.client.value('a', false)));
  made.transport.last('stream').send({ type: 'HEARTBEAT', position, time: made.clock.now() + DAY });
  made.clock.advance(60_000);
  expect(heard).toEqual([true]);
});
