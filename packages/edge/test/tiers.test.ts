import { compileRuleset } from '@flags/core';
import { formatEnvelope, holdRuleset } from '@flags/sync';
import { createFakeClock } from '@flags/sync/testing';
import { expect, test } from 'vitest';
import { createFakeKv, createFakeRelay, createWorld, ruleset, settle } from './world.ts';

const TTL = 30_000;

test('a cold isolate asks the relay, and a thousand requests at once ask once', async () => {
  const { read, relay } = createWorld();
  const values = await Promise.all(Array.from({ length: 1_000 }, read));
  expect(new Set(values)).toEqual(new Set(['one']));
  expect(relay.asked).toHaveLength(1);
  expect(relay.asked[0]?.url).toBe('https://relay.test/v1/snapshot');
});

test('what is older than its time to live is served while it is fetched anew', async () => {
  const { read, relay, clock, edge, work } = createWorld();
  await read();
  await settle();
  relay.ruleset = ruleset(2, 'two');
  relay.hold = true;
  clock.advance(TTL - 1);
  expect(await read()).toBe('one');
  expect(relay.asked).toHaveLength(1);
  expect(edge.status().stale).toBe(false);
  clock.advance(1);
  expect(await read()).toBe('one');
  expect(edge.status().stale).toBe(true);
  await settle();
  expect(relay.asked).toHaveLength(2);
  relay.go();
  await settle();
  expect(await read()).toBe('two');
  expect(work.length).toBeGreaterThanOrEqual(2);
  expect(edge.status()).toMatchObject({ stale: false, source: 'network', problem: undefined });
});

test('what did not change is not sent again', async () => {
  const { read, relay, clock } = createWorld();
  await read();
  clock.advance(TTL);
  await read();
  await settle();
  const { url, init } = relay.asked[1] ?? { url: '', init: {} };
  expect(url).toMatch(/\/v1\/snapshot\?since=e1\.1\.[0-9a-f]{8}$/);
  expect(new Headers(init.headers).get('if-none-match')).toMatch(/^"e1\.1\.[0-9a-f]{8}"$/);
});

test('the flags of one request agree, whatever comes meanwhile', async () => {
  const { edge, relay, clock, read, scope } = createWorld();
  const flags = await edge.flags({ plan: 'pro' }, scope);
  relay.ruleset = ruleset(2, 'two');
  clock.advance(TTL);
  await read();
  await settle();
  expect(flags.value('a', '')).toBe('one pro');
  expect(flags.all()['a']?.value).toBe('one pro');
  expect(flags.bootstrap().flags).toEqual({ a: { value: 'one pro', variation: 1, variant: 'pro' } });
  expect(flags.bootstrap({ keys: [], details: true }).flags).toEqual({});
  expect(flags.bootstrap({ details: true }).flags['a']).toMatchObject({ variant: 'pro', version: expect.any(Number) });
  expect(flags.details('a', '')).toMatchObject({ ruleId: 'pro', source: 'network', stale: false });
  expect(await read()).toBe('two');
});

test('with the relay down and nothing known, defaults are served, and it is asked again after a while, ever later', async () => {
  const relay = createFakeRelay(undefined);
  const { read, clock, edge } = createWorld({}, relay);
  expect(await read()).toBe('default');
  for (let index = 0; index < 100; index += 1) expect(await read()).toBe('default');
  expect(relay.asked).toHaveLength(1);
  expect(edge.status()).toMatchObject({ source: undefined, stale: true, problem: 'the request failed' });
  clock.advance(5_000);
  await read();
  clock.advance(5_000);
  await read();
  expect(relay.asked).toHaveLength(2);
  relay.ruleset = ruleset(1, 'one');
  clock.advance(5_000);
  expect(await read()).toBe('one');
});

test('a request waits no longer than it may for a relay that is silent, and later ones get what it brought', async () => {
  const { read, relay, clock } = createWorld({ timeoutMs: 100 });
  relay.hold = true;
  const first = read();
  await settle();
  clock.advance(100);
  expect(await first).toBe('default');
  relay.go();
  await settle();
  expect(await read()).toBe('one');
  expect(relay.asked).toHaveLength(1);
});

test('a round that died with its request does not keep others from asking', async () => {
  const clock = createFakeClock();
  const relay = createFakeRelay(ruleset(1, 'one'));
  let isDead = true;
  const { read } = createWorld(
    { fetch: (url, init) => (isDead ? new Promise(() => {}) : relay.fetch(url, init)), timeoutMs: 10 },
    relay,
    { ...clock, after: (ms, callback) => (ms > 10 ? () => {} : clock.after(ms, callback)) },
  );
  const first = read();
  await settle();
  clock.advance(10);
  expect(await first).toBe('default');
  isDead = false;
  const second = read();
  await settle();
  clock.advance(10);
  expect(await second).toBe('default');
  clock.advance(30_000);
  expect(await read()).toBe('one');
});

test('with everything down, the build is served', async () => {
  const kv = createFakeKv();
  kv.fault = 'rejects';
  const relay = createFakeRelay(undefined);
  const { read, edge } = createWorld({ kv, bootstrap: ruleset(3, 'built') }, relay);
  expect(await read()).toBe('built');
  await settle();
  expect(edge.status()).toMatchObject({ source: 'bootstrap', stale: true, problem: 'the request failed' });
});

test('a build is served without waiting for anybody, whatever form it has', async () => {
  const state = ruleset(3, 'built');
  const { position } = holdRuleset(compileRuleset(state));
  const envelope = JSON.parse(formatEnvelope({ type: 'FULL_SYNC', position, reason: '', ruleset: { ...state } }));
  for (const bootstrap of [state, { ruleset: state }, envelope]) {
    const { read, relay } = createWorld({ bootstrap });
    relay.hold = true;
    expect(await read()).toBe('built');
  }
});

test.each([
  ['follows', {}, {}, 'two', 1],
  ['does not add up', {}, { hash: '00000000' }, 'three', 2],
  ['begins later than what is held', { version: 2, hash: '00000000' }, { version: 3 }, 'three', 2],
])('of a change that %s the answer is used, or everything asked for', async (_, from, position, value, asked) => {
  const relay = createFakeRelay(ruleset(1, 'one'));
  const [before, after] = [ruleset(1, 'one'), ruleset(2, 'two')].map(
    (one) => holdRuleset(compileRuleset(one)).position,
  );
  if (before === undefined || after === undefined) throw new Error('no positions');
  const { flags } = ruleset(2, 'two');
  const text = formatEnvelope({
    type: 'FLAG_UPDATE',
    from: { ...before, ...from },
    position: { ...after, ...position },
    flags,
  });
  const change = (): Response => new Response(text, { headers: { 'content-type': 'application/json' } });
  const fetch: typeof relay.fetch = async (url, init) => (url.includes('since=') ? change() : relay.fetch(url, init));
  const { read, clock } = createWorld({ fetch }, relay);
  await read();
  await settle();
  relay.ruleset = ruleset(3, 'three');
  clock.advance(TTL);
  await read();
  await settle();
  expect(await read()).toBe(value);
  expect(relay.asked).toHaveLength(asked);
});

test('neither a store nor the relay brings an older state', async () => {
  const kv = createFakeKv();
  const { read, relay, clock, isolate } = createWorld({ kv });
  await read();
  await settle();
  const old = new Map(kv.entries);
  const ahead = isolate({ bootstrap: ruleset(5, 'five') });
  expect(await ahead.read()).toBe('five');
  await settle();
  expect(await ahead.read()).toBe('five');
  clock.advance(TTL);
  relay.ruleset = ruleset(7, 'seven');
  await ahead.read();
  await settle();
  expect(await ahead.read()).toBe('seven');
  for (const [key, value] of old) kv.entries.set(key, value);
  relay.ruleset = ruleset(6, 'six');
  clock.advance(TTL);
  await ahead.read();
  await settle();
  expect(await ahead.read()).toBe('seven');
});

test('rules of another history give way to the relay after some minutes, if no relay ever sent them', async () => {
  const { read, relay, clock } = createWorld({ bootstrap: ruleset(9, 'elsewhere', 'e2') });
  for (let minute = 0; minute < 2; minute += 1) {
    expect(await read()).toBe('elsewhere');
    await settle();
    clock.advance(70_000);
  }
  clock.advance(70_000);
  await read();
  await settle();
  expect(await read()).toBe('one');
  relay.ruleset = ruleset(9, 'back', 'e0');
  for (let minute = 0; minute < 5; minute += 1) {
    clock.advance(70_000);
    await read();
    await settle();
  }
  expect(await read()).toBe('one');
});

test('offline, stores and build are all that is asked', async () => {
  const kv = createFakeKv();
  const online = createWorld({ kv });
  await online.read();
  await settle();
  const offline = online.isolate({ mode: 'offline', bootstrap: ruleset(0, 'built') });
  expect(await offline.read()).toBe('built');
  await settle();
  expect(await offline.read()).toBe('one');
  expect(online.relay.asked).toHaveLength(1);
});

test('a relay that asks for patience gets it, within reason', async () => {
  let asked = 0;
  const { read, clock } = createWorld({
    fetch: async () => {
      asked += 1;
      return new Response('no', { status: 503, headers: { 'retry-after': '20' } });
    },
  });
  await read();
  clock.advance(19_999);
  await read();
  expect(asked).toBe(1);
  clock.advance(1);
  await read();
  expect(asked).toBe(2);
});

test('a key that is refused is asked for again, once', async () => {
  const keys: string[] = [];
  const relay = createFakeRelay(ruleset(1, 'one'));
  let given = 0;
  const { read } = createWorld({
    key: () => `sk_${++given}`,
    fetch: async (url, init) => {
      const key = new Headers(init.headers).get('authorization') ?? '';
      keys.push(key);
      return key === 'Bearer sk_2' ? relay.fetch(url, init) : new Response(null, { status: 401 });
    },
  });
  expect(await read()).toBe('one');
  expect(keys).toEqual(['Bearer sk_1', 'Bearer sk_2']);
});
