import * as fc from 'fast-check';
import type { Flag } from '@flags/core';
import type { FlagUpdate } from '@flags/sync';
import { formatMessage, formatPosition } from '@flags/sync';
import { expect } from 'vitest';
import { createOrigin } from '../src/origin.ts';
import { startFaultProxy } from '../src/proxy.ts';
import { request } from '../src/request.ts';
import { EPOCH, flagOf, padding, rulesetOf } from '../src/rules.ts';
import { startScriptedServer } from '../src/scripted-server.ts';
import { faultInFakeTime } from './fake-time.ts';
import { fault, FLAG, KEY } from './fault.ts';
import { rulesWith, startRelay } from './relay-bench.ts';

const LATER_EPOCH = '01k0000000000000';

/** What a commit of a random history does: each key's flag on, off, or gone. */
const commit = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'),
  fc.constantFrom(true, false, null),
  {
    minKeys: 1,
    noNullPrototype: true,
  },
);

faultInFakeTime('deltas twice, in another order, or not at all', 30_000, ({ client, clock, converged }) => {
  const check = (history: readonly Readonly<Record<string, boolean | null>>[], order: readonly number[]): void => {
    const origin = createOrigin(rulesetOf(1, [flagOf(FLAG, 1, true), flagOf('a', 1, true)]));
    const { flags, transport } = client((request) => {
      const answer = origin.answer(request.request.headers['last-event-id']);
      request.respond();
      if (answer !== undefined) request.send(answer);
      request.send(origin.heartbeat());
    });
    const deltas = history.map((change) => {
      const version = origin.position.version + 1;
      const entries = Object.keys(change).map((key): [string, Flag | null] => {
        const on = change[key];
        return [key, typeof on === 'boolean' ? flagOf(key, version, on) : null];
      });
      return origin.commit(Object.fromEntries(entries));
    });
    for (const index of order) {
      const delta = deltas[index % deltas.length];
      if (delta !== undefined) transport.last('stream').send(delta);
      clock.advance(100);
    }
    transport.last('stream').send(origin.heartbeat());
    converged('the fold of the history', () => flags.status().position === formatPosition(origin.position));
    const folded = Object.values(origin.ruleset.flags).map((flag): [string, Flag] => [flag.key, flag]);
    expect(new Map(flags.snapshot()?.flags)).toEqual(new Map(folded));
    expect(flags.status()).toMatchObject({ state: 'live', drift: false });
    void flags.close();
  };
  fc.assert(
    fc.property(fc.array(commit, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(20), { maxLength: 20 }), check),
    { numRuns: 100 },
  );
});

fault('a commit of many entries that is cut in two', 20_000, async (bench) => {
  const pair = (version: number, on: boolean): Record<string, Flag> => ({
    [FLAG]: flagOf(FLAG, version, on),
    twin: flagOf('twin', version, on),
  });
  const origin = createOrigin(rulesetOf(1, Object.values(pair(1, false))));
  const server = bench.owns(await startScriptedServer(({ send }) => send(origin.fullSync(), origin.heartbeat())));
  const flags = bench.client(server.url);
  await flags.ready();
  let torn = 0;
  flags.subscribe(() => {
    if (flags.value(FLAG, false) !== flags.value('twin', false)) torn += 1;
  });
  for (const part of [0.5, 0.999]) {
    const on = origin.position.version % 2 === 1;
    const text = formatMessage(origin.commit(pair(origin.position.version + 1, on)));
    server.exchanges.at(-1)?.write(text.slice(0, Math.floor(text.length * part)));
    server.exchanges.at(-1)?.reset();
    await bench.converged('the whole commit', () => flags.value(FLAG, !on) === on && flags.value('twin', !on) === on);
  }
  expect(torn).toBe(0);
});

fault('an origin restored from a backup', 20_000, async (bench) => {
  // Two relays that hold the same: what one of them serves after the restore decides what clients get.
  const before = rulesWith(80, true);
  const { port } = await startRelay(bench, {}, before);
  const proxy = bench.owns(await startFaultProxy({ port }));
  const flags = bench.client(proxy.url);
  await bench.until(() => flags.status().state === 'live');
  const held = flags.status().position;

  // The same history at version 60: older than what clients hold, so it tells them nothing.
  const restored = await startRelay(bench, {}, rulesWith(60, false));
  proxy.retarget(restored.port);
  proxy.reset();
  await bench.until(() => restored.relay.streams === 1);
  expect([flags.status().position, flags.value(FLAG, false)]).toEqual([held, true]);
  // It is written to: at the version that clients hold, with another content, it is a fork.
  restored.source.replace(rulesWith(80, false));
  await bench.converged('the content of the fork', () => !flags.value(FLAG, true));
  expect(flags.status().drift).toBe(false);

  // As a restore should be: a new epoch, whatever the version.
  restored.source.replace(rulesWith(7, true, LATER_EPOCH));
  await bench.converged('the new epoch', () => flags.value(FLAG, false));
  expect(flags.status().position).toMatch(new RegExp(`^${LATER_EPOCH}\\.7\\.`));
});

fault('a failover to a replica that lags', 20_000, async (bench) => {
  const leader = await startRelay(bench, {}, rulesWith(80, false));
  const proxy = bench.owns(await startFaultProxy({ port: leader.port }));
  const flags = bench.client(proxy.url);
  await bench.until(() => flags.status().state === 'live');
  const lagging = await startRelay(bench, {}, rulesWith(80, false));
  for (let version = 81; version <= 85; version += 1) leader.turn(version, version % 2 === 1);
  await bench.until(() => flags.value(FLAG, false) && flags.status().position?.startsWith(`${EPOCH}.85.`) === true);
  const held = flags.status().position;
  proxy.retarget(lagging.port);
  proxy.reset();
  await bench.until(() => lagging.relay.streams === 1);
  expect([flags.status().position, flags.value(FLAG, false)]).toEqual([held, true]);
  // The replica is promoted without the last five: its own 86 has another past.
  for (let version = 81; version <= 86; version += 1) lagging.turn(version, false);
  await bench.converged('what the new leader serves', () => !flags.value(FLAG, true));
  const { headers } = await request(`${lagging.relay.url}/v1/snapshot`, { authorization: `Bearer ${KEY}` });
  expect(headers.etag).toBe(`"${flags.status().position}"`);
});

fault('a flag deleted, made anew, and an old put that comes late', 5_000, async (bench) => {
  const origin = createOrigin(rulesetOf(1, [flagOf(FLAG, 1, true), flagOf('old', 1, true), ...padding(5)]));
  const server = bench.owns(await startScriptedServer(({ send }) => send(origin.fullSync(), origin.heartbeat())));
  const flags = bench.client(server.url);
  await flags.ready();
  const late: FlagUpdate[] = [origin.commit({ old: flagOf('old', 2, true) })];
  server.exchanges[0]?.send(...late, origin.commit({ old: null }), ...late);
  await bench.until(() => flags.details('old', 'gone').errorCode === 'FLAG_NOT_FOUND');
  server.exchanges[0]?.send(origin.commit({ old: flagOf('old', 4, false) }), ...late, origin.heartbeat());
  await bench.converged('the flag made anew', () => flags.status().position === formatPosition(origin.position));
  expect(flags.details('old', true)).toMatchObject({ value: false, version: 4 });
  expect([flags.status().drift, server.exchanges.length]).toEqual([false, 1]);
});

fault('commits that come out of order', 10_000, async (bench) => {
  const problems: string[] = [];
  const { relay, source, turn } = await startRelay(bench, {
    onBrokenSource: (found) => problems.push(...found.map(({ message }) => message)),
  });
  const flags = bench.client(relay.url);
  await bench.until(() => flags.status().state === 'live');
  // Whoever numbers before committing lets version 3 overtake version 2. The relay takes no step back, and says so.
  turn(3, true);
  source.apply({ version: 2, flags: { 'padding-0': flagOf('padding-0', 2, true) } });
  expect(problems).toEqual([expect.stringContaining('version 2')]);
  await bench.until(() => flags.value(FLAG, false));
  expect(flags.value('padding-0', true)).toBe(false);
  // The source's whole state, numbered in the order of its commits, is what heals it.
  source.replace(rulesetOf(4, [flagOf(FLAG, 3, true), flagOf('padding-0', 4, true), ...padding(10).slice(1)]));
  await bench.converged('the row that was missed', () => flags.value('padding-0', false) && flags.value(FLAG, false));
  expect(flags.status().drift).toBe(false);
});
