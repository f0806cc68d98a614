import { compileRuleset } from '@flags/core';
import { formatMessage, formatPosition, holdRuleset } from '@flags/sync';
import { afterEach, expect, test, vi } from 'vitest';
import { createFlagsObject, objectFetch } from '../src/cloudflare/index.ts';
import { createFakeKv, ruleset } from './world.ts';

afterEach(() => vi.unstubAllGlobals());

const state = ruleset(1, 'one');
const held = holdRuleset(compileRuleset(state));
const SNAPSHOT = 'https://relay.test/v1/snapshot';

function world(stream: (() => string) | undefined) {
  const paths: string[] = [];
  vi.stubGlobal('fetch', async (to: string | Request) => {
    const { pathname } = new URL(typeof to === 'string' ? to : to.url);
    paths.push(pathname);
    if (pathname !== '/v1/stream') return new Response('of the relay', { status: 202 });
    if (stream === undefined) throw new TypeError('connection refused');
    const bytes = new TextEncoder().encode(stream());
    // It stays open.
    const body = new ReadableStream({ start: (controller) => controller.enqueue(bytes) });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  });
  const alarms: number[] = [];
  const kv = createFakeKv();
  const Flags = createFlagsObject<string>((key) => ({ url: 'https://relay.test', key, kv }));
  const object = new Flags({ storage: { setAlarm: async (at) => void alarms.push(at) } }, 'sk_1');
  return { object, paths, alarms, kv };
}

const fullSync = (): string =>
  formatMessage({ type: 'FULL_SYNC', position: held.position, reason: 'initial', ruleset: { ...state } });

test('an object answers from its stream, knows who has it all, and passes on what else is asked', async () => {
  const { object, paths, alarms, kv } = world(fullSync);
  const ask = async (): Promise<string> => (await object.fetch(new Request(SNAPSHOT))).text();
  await expect.poll(ask).toContain('"event":"FULL_SYNC"');
  const headers = { 'if-none-match': `W/"${formatPosition(held.position)}"` };
  expect((await object.fetch(new Request(SNAPSHOT, { headers }))).status).toBe(304);
  expect((await object.fetch(new Request('https://relay.test/v1/events', { method: 'POST', body: '{}' }))).status).toBe(
    202,
  );
  expect(paths.filter((path) => path === '/v1/stream')).toHaveLength(1);
  expect(alarms.length).toBeGreaterThan(0);
  await expect.poll(() => kv.entries.get('server/head')).toContain(formatPosition(held.position));
  await object.alarm();
  expect(alarms.at(-1)).toBeGreaterThan(Date.now() + 20_000);
});

test('without its stream, an object passes everything on', async () => {
  const { object, kv } = world(undefined);
  for (let request = 0; request < 3; request += 1) {
    expect(await (await object.fetch(new Request(SNAPSHOT))).text()).toBe('of the relay');
  }
  await object.alarm();
  expect(kv.calls).toEqual([]);
});

test('each request gets a stub of its own, of the object with this name', async () => {
  const stubs: unknown[] = [];
  const namespace = {
    idFromName: (name: string) => `id of ${name}`,
    get: (id: never) => {
      stubs.push(id);
      return { fetch: async (url: string) => new Response(url) };
    },
  };
  const ask = objectFetch(namespace, 'flags:FRA');
  expect(await (await ask('https://relay.test/a', {})).text()).toBe('https://relay.test/a');
  await ask('https://relay.test/b', {});
  expect(stubs).toEqual(['id of flags:FRA', 'id of flags:FRA']);
});
