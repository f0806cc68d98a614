import { Miniflare } from 'miniflare';
import { afterEach, expect, test } from 'vitest';
import { bundle } from '../src/bundle.ts';
import { startCountingProxy } from '../src/counting-proxy.ts';
import { startTestRelay } from '../src/relay.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Kv {
  get(key: string): Promise<string | null>;
}

test('a Durable Object holds one stream for all isolates, and tells its store', { timeout: 30_000 }, async () => {
  const relay = await startTestRelay('one');
  const proxy = await startCountingProxy(relay.url);
  open.push(() => relay.close(), proxy.close);
  const miniflare = new Miniflare({
    modules: true,
    script: await bundle('object-worker.ts', 'esm'),
    compatibilityDate: '2026-07-01',
    cf: false,
    kvNamespaces: ['KV'],
    durableObjects: { OBJECT: 'FlagsObject' },
    bindings: { RELAY_URL: proxy.url, KEY: relay.key },
  });
  open.push(() => miniflare.dispose());
  const ask = async (): Promise<{ value: unknown; stale: boolean; problem?: string }> =>
    (await (await miniflare.dispatchFetch('http://worker.test/')).json()) as never;
  const becomes = (value: string) => expect.poll(async () => (await ask()).value, { timeout: 8_000 }).toBe(value);

  expect(await ask()).toMatchObject({ value: 'one', stale: false });
  await expect.poll(() => relay.streams()).toBe(1);
  relay.set('two');
  await becomes('two');
  const kv = (await miniflare.getKVNamespace('KV')) as unknown as Kv;
  const isTold = (start: string) =>
    expect.poll(async () => (await kv.get('flags/client/head')) ?? '', { timeout: 8_000 }).toContain(start);
  await isTold('"e1.2.');
  // The first request came before the stream and went on to the relay; since then the object answers.
  expect(proxy.paths.filter((path) => path === '/v1/snapshot')).toHaveLength(1);
  expect(proxy.paths.filter((path) => path === '/v1/stream')).toHaveLength(1);

  proxy.cut(true);
  await expect.poll(async () => (await ask()).problem, { timeout: 5_000 }).toBeDefined();
  expect(await ask()).toMatchObject({ value: 'two', stale: true });
  relay.set('three');
  proxy.cut(false);
  await isTold('"e1.3.');
  expect(relay.streams()).toBe(1);
});
