import { expect, test } from 'vitest';
import { createFakeKv, createFakeRelay, createWorld, ruleset, settle } from './world.ts';

const TTL = 30_000;

test('a cold isolate answers from a store without asking the relay, and learns from it later', async () => {
  const kv = createFakeKv();
  const warm = createWorld({ kv });
  await warm.read();
  await settle();
  expect([...kv.entries.keys()].map((key) => key.replace(/\.[0-9a-f]{8}$/, ''))).toEqual([
    'server/rs/e1.1',
    'server/head',
  ]);
  warm.relay.ruleset = ruleset(2, 'two');
  const cold = warm.isolate();
  expect(await cold.read()).toBe('one');
  await settle();
  expect(cold.edge.status()).toMatchObject({ source: 'cache', stale: false });
  // The store was told less than a time to live ago.
  expect(cold.relay.asked).toHaveLength(1);
  cold.clock.advance(TTL);
  expect(await cold.read()).toBe('one');
  await settle();
  expect(await cold.read()).toBe('two');
  expect(cold.relay.asked).toHaveLength(2);
});

test('isolates that share a store ask the relay once for all', async () => {
  const kv = createFakeKv();
  const first = createWorld({ kv });
  await first.read();
  await settle();
  const others = Array.from({ length: 10 }, () => first.isolate());
  for (const other of others) expect(await other.read()).toBe('one');
  await settle();
  for (let round = 1; round <= 3; round += 1) {
    first.relay.ruleset = ruleset(1 + round, `round ${round}`);
    first.clock.advance(TTL);
    for (const other of others) {
      await other.read();
      await settle();
    }
    for (const other of others) expect(await other.read()).toBe(`round ${round}`);
  }
  expect(first.relay.asked).toHaveLength(4);
  expect(kv.calls.filter((call) => call === 'put server/head')).toHaveLength(4);
});

test('what only the far store knows is put into the near one', async () => {
  const [near, far] = [createFakeKv(), createFakeKv()];
  const writer = createWorld({ kv: far });
  await writer.read();
  await settle();
  const reader = writer.isolate({ kv: near, globalKv: far });
  expect(await reader.read()).toBe('one');
  await settle();
  expect(near.entries).toEqual(far.entries);
  expect(reader.relay.asked).toHaveLength(1);
});

test('old states leave the store, but not at once', async () => {
  const kv = createFakeKv();
  const { read, relay, clock } = createWorld({ kv });
  for (let version = 1; version <= 8; version += 1) {
    relay.ruleset = ruleset(version, `v${version}`);
    await read();
    await settle();
    clock.advance(TTL);
  }
  const versions = [...kv.entries.keys()].map((key) => /rs\/e1\.(\d+)/.exec(key)?.[1]).filter(Boolean);
  expect(versions).toEqual(['5', '6', '7', '8']);
});

test.each(['rejects', 'hangs'] as const)(
  'a store that %s costs half a second at most, and nothing else',
  async (fault) => {
    const [kv, globalKv] = [createFakeKv(), createFakeKv()];
    kv.fault = fault;
    const { read, clock, work } = createWorld({ kv, globalKv });
    const first = read();
    await settle();
    clock.advance(500);
    expect(await first).toBe('one');
    await settle();
    clock.advance(2_000);
    await Promise.all(work.slice(0, 1));
    expect(globalKv.entries.size).toBe(2);
  },
);

const garbage = [
  '',
  'x',
  '{}',
  '[]',
  'null',
  '{"position":"e9.9.00000000","at":1e300}',
  `{"position":${'['.repeat(3_000)}`,
];

test.each(garbage)('garbage in a store is passed over, and replaced: %.40s', async (text) => {
  const kv = createFakeKv();
  kv.entries.set('server/head', text).set('server/rs/e9.9.00000000', '{"kind":"flags-snapshot"');
  const { read, isolate, relay } = createWorld({ kv });
  expect(await read()).toBe('one');
  await settle();
  expect(await isolate().read()).toBe('one');
  expect(relay.asked).toHaveLength(1);
});

test('a state that was damaged in the store is written anew', async () => {
  const kv = createFakeKv();
  const { read, isolate, relay } = createWorld({ kv });
  await read();
  await settle();
  const [key = '', text = ''] = [...kv.entries].find(([name]) => name.includes('/rs/')) ?? [];
  kv.entries.set(key, text.replace('one', 'two'));
  expect(await isolate().read()).toBe('one');
  await settle();
  expect(relay.asked).toHaveLength(2);
  expect(kv.entries.get(key)).toBe(text);
});

test('states of another environment in a store are not taken', async () => {
  const kv = createFakeKv();
  await createWorld({ kv }, createFakeRelay(ruleset(9, 'staging', 'e1', 'staging'))).read();
  await settle();
  const { read } = createWorld({ kv, bootstrap: ruleset(1, 'one') });
  await read();
  await settle();
  expect(await read()).toBe('one');
});

test('what a client key is shown has its own place in a store', async () => {
  const kv = createFakeKv();
  await createWorld({ kv, key: 'ck_1' }).read();
  await settle();
  expect([...kv.entries.keys()].every((key) => key.startsWith('client/'))).toBe(true);
});

test('a store whose clock is ahead, or lies, keeps nobody from asking the relay', async () => {
  const kv = createFakeKv();
  const { read, isolate, relay } = createWorld({ kv });
  await read();
  await settle();
  const head = JSON.parse(kv.entries.get('server/head') ?? '') as object;
  kv.entries.set('server/head', JSON.stringify({ ...head, at: 8e15 }));
  relay.ruleset = ruleset(2, 'two');
  const cold = isolate();
  expect(await cold.read()).toBe('one');
  await settle();
  expect(await cold.read()).toBe('two');
});

test('a state that lies under the name of another is passed over', async () => {
  const kv = createFakeKv();
  const { read, isolate } = createWorld({ kv });
  await read();
  await settle();
  const [text = ''] = [...kv.entries].filter(([key]) => key.includes('/rs/')).map(([, value]) => value);
  const position = 'e1.7.00000000';
  kv.entries.set(`server/rs/${position}`, text);
  kv.entries.set('server/head', JSON.stringify({ position, at: Date.now() * 2 }));
  const cold = isolate({ mode: 'offline', bootstrap: ruleset(0, 'built') });
  await cold.read();
  await settle();
  expect(await cold.read()).toBe('built');
});
