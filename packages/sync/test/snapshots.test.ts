import { expect, test } from 'vitest';
import { createFlagClient, createSnapshots } from '../src/index.ts';
import type { ClientOptions, FlagClient, Store } from '../src/index.ts';
import { createFakeClock, createScriptedTransport } from '../src/testing/index.ts';
import type { FakeClock, ScriptedTransport } from '../src/testing/index.ts';
import { flagOf, held, rulesetJson } from './rulesets.ts';
import { connect, fullSync } from './setup.ts';

// Readable, and no two texts here have the same.
const sumOf = (text: string): string =>
  `${text.length}:${Array.from(text, (c) => c.charCodeAt(0)).reduce((a, b) => (a * 31 + b) | 0, 0)}`;

interface MemoryStore extends Store {
  text: string | undefined;
  writes: number;
  /** What the next writes do. */
  write: () => Promise<void>;
}

function memoryStore(text?: string): MemoryStore {
  const store: MemoryStore = {
    text,
    writes: 0,
    read: () => store.text,
    write: async (next?: string) => {
      store.writes += 1;
      store.text = next;
    },
  };
  return store;
}

interface Run {
  readonly client: FlagClient;
  readonly transport: ScriptedTransport;
  readonly clock: FakeClock;
  readonly logged: string[];
}

function run(store: Store, options: ClientOptions = {}): Run {
  const transport = createScriptedTransport();
  const clock = createFakeClock();
  const logged: string[] = [];
  const logger = { info: (text: string) => void logged.push(text), warn: (text: string) => void logged.push(text) };
  const ports = { transport, clock, random: () => 0.5, createSnapshots: createSnapshots(store, sumOf) };
  const client = createFlagClient({ url: 'http://relay', key: 'sdk-1', logger, ...options }, ports);
  return { client, transport, clock, logged };
}

const full = (version: number, on: boolean): typeof fullSync => ({
  ...fullSync,
  position: held(version, [flagOf('a', version, on)]).position,
  ruleset: rulesetJson(version, [flagOf('a', version, on)]),
});

async function kept(version = 3, on = true): Promise<MemoryStore> {
  const store = memoryStore();
  const made = run(store);
  connect({ ...made }, full(version, on));
  await made.client.close();
  return store;
}

test('the next run starts with the rules of the last one, and says so until the server confirms them', async () => {
  const { client, transport, logged } = run(await kept());
  expect(await client.ready()).toEqual({ source: 'cache' });
  expect(client.details('a', false)).toMatchObject({ value: true, source: 'cache', stale: true });
  const { position } = full(3, true);
  const stream = transport.last('stream');
  expect(stream.request.headers['last-event-id']).toBe(`e1.3.${position.hash}`);
  stream.respond();
  stream.send({ type: 'HEARTBEAT', position, time: 1_800_000_000_000 });
  expect(client.details('a', false)).toMatchObject({ value: true, source: 'cache', stale: false });
  expect(logged).toEqual([]);
});

test('rules of the server replace those of the cache, but never older ones', async () => {
  const newer = run(await kept(3, true));
  connect({ ...newer }, full(4, false));
  expect(newer.client.details('a', true)).toMatchObject({ value: false, source: 'network' });
  const older = run(await kept(3, true));
  connect({ ...older }, full(2, false));
  expect(older.client.details('a', false)).toMatchObject({ value: true, source: 'cache' });
});

test.each([
  [2, 'cache', true],
  [3, 'bootstrap', false],
  [4, 'bootstrap', false],
])('of a bootstrap at version %i and a cache at 3, the client starts with the %s', async (version, source, value) => {
  const { client, logged } = run(await kept(3, true), {
    bootstrap: rulesetJson(version, [flagOf('a', version, false)]),
  });
  expect(client.details('a', null)).toMatchObject({ value, source });
  const note = 'The cache is not used: the bootstrap is as new or newer.';
  expect(logged).toEqual(source === 'cache' ? [] : [note]);
});

test('an offline client reads the cache of any relay and asks for nothing', async () => {
  const { client, transport } = run(await kept(), { mode: 'offline' });
  expect(client.value('a', false)).toBe(true);
  expect(transport.requests).toEqual([]);
});

// Whoever writes a sum of their own writes rules of their own; they still have to be rules.
const resealed = (text: string): string => {
  const body = text.slice(text.indexOf('"scope"'));
  return text.replace(/"sum":"[^"]*",.*/, () => `"sum":"${sumOf(body)}",${body}`);
};

test.each<[string, (text: string) => string]>([
  ['it is damaged, or of another version', (text) => text.slice(0, -30)],
  ['it is damaged, or of another version', (text) => text.replace('a-3', 'a-4')],
  ['it is damaged, or of another version', (text) => text.replace('"e1.3.', '"e1/3.')],
  ['it is damaged, or of another version', (text) => text.replace('"sum":"', '"sum":"1')],
  ['it is damaged, or of another version', (text) => text.replace('"version":2', '"version":3')],
  ['it is damaged, or of another version', () => ''],
  ['it is damaged, or of another version', () => '[]'],
  ['it is damaged, or of another version', () => '{"format":1}'],
  ['its rules are of a format this client does not know', (text) => resealed(text.replace('"format":1', '"format":2'))],
  ['it cannot be read (the store failed)', (text) => resealed(text.slice(0, -30))],
])('a cache that cannot be trusted is not used: %s', async (why, damage) => {
  const store = await kept();
  store.text = damage(store.text ?? '');
  const { client, logged } = run(store);
  expect(logged).toEqual([`The cache is not used: ${why}. The next rules replace it.`]);
  expect(client.details('a', false)).toMatchObject({ value: false, errorCode: 'PROVIDER_NOT_READY' });
});

test.each([{ key: 'sdk-2' }, { url: 'http://other' }, { key: () => 'sdk-1' }])(
  'a cache of another url or key is not used: %j',
  async (options) => {
    const { client, logged } = run(await kept(), options);
    expect(logged).toEqual(['The cache is not used: it belongs to another url or key. The next rules replace it.']);
    expect(client.snapshot()).toBeUndefined();
  },
);

test('a store that cannot be read is reported, and the client starts without it', () => {
  const { client, logged } = run({
    read: () => {
      throw Object.assign(new Error('secret path'), { code: 'EACCES' });
    },
    write: async () => {},
  });
  expect(logged).toEqual(['The cache is not used: it cannot be read (EACCES). The next rules replace it.']);
  expect(client.status().state).toBe('connecting');
});

test('the first rules are written at once, later ones at most every 5 s and only the last of them', async () => {
  const store = memoryStore();
  const made = run(store);
  connect({ ...made }, full(1, true));
  expect(store.writes).toBe(0);
  await expect.poll(() => store.writes).toBe(1);
  for (const version of [2, 3, 4]) made.transport.last('stream').send(full(version, false));
  made.clock.advance(4_999);
  await Promise.resolve();
  expect(store.writes).toBe(1);
  made.clock.advance(1);
  await expect.poll(() => store.writes).toBe(2);
  expect(run(store).client.status().position).toContain('e1.4.');
});

test('closing writes what waits, and only that', async () => {
  const store = memoryStore();
  const made = run(store);
  connect({ ...made }, full(1, true));
  await made.client.flush();
  made.transport.last('stream').send(full(2, false));
  await made.client.close();
  await made.client.close();
  expect(store.writes).toBe(2);
  expect(made.clock.pending()).toBe(0);
  expect(run(store).client.value('a', true)).toBe(false);
});

test('what a client started with is not written again', async () => {
  const store = await kept();
  const { client } = run(store);
  await client.close();
  const other = run(store, { bootstrap: rulesetJson(9, [flagOf('a', 9, false)]) });
  await other.client.close();
  expect(store.writes).toBe(1);
});

test('a store that fails is reported once, and again after it had worked', async () => {
  const store = memoryStore();
  const { write } = store;
  const failing = async (): Promise<void> => {
    throw Object.assign(new Error('/secret/path'), { code: 'ENOSPC' });
  };
  const made = run(store);
  const put = async (version: number, how: () => Promise<void>): Promise<void> => {
    store.write = how;
    if (version === 1) connect({ ...made }, full(version, true));
    else made.transport.last('stream').send(full(version, true));
    await made.client.flush();
  };
  const full2 = 'The cache cannot be written (ENOSPC). Rules are kept in memory alone.';
  await put(1, failing);
  await put(2, failing);
  expect(made.logged).toEqual([full2]);
  await put(3, write);
  await put(4, failing);
  expect(made.logged).toEqual([full2, 'The cache can be written again.', full2]);
  expect(made.client.value('a', false)).toBe(true);
});

test('a write under way is waited for, and no two run at once', async () => {
  let finish: () => void = () => {};
  let running = 0;
  const most: number[] = [];
  const store = memoryStore();
  store.write = async () => {
    most.push((running += 1));
    await new Promise<void>((resolve) => (finish = resolve));
    running -= 1;
  };
  const made = run(store);
  connect({ ...made }, full(1, true));
  const flushed = made.client.flush();
  await expect.poll(() => most.length).toBe(1);
  made.transport.last('stream').send(full(2, true));
  const again = made.client.flush();
  made.clock.advance(60_000);
  finish();
  await expect.poll(() => most.length).toBe(2);
  finish();
  await flushed;
  await again;
  expect(most).toEqual([1, 1]);
});
