import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Miniflare } from 'miniflare';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { bundle } from '../src/bundle.ts';
import { readUntil, startPages } from '../src/pages.ts';
import { rulesetA, startTestRelay } from '../src/relay.ts';
import type { TestRelay } from '../src/relay.ts';

let script = '';
const open: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  script = await bundle('worker.ts', 'esm');
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Kv {
  put(key: string, value: string): Promise<void>;
  list(): Promise<{ readonly keys: readonly unknown[] }>;
}

interface Worker {
  ask(path?: string): Promise<{ value: unknown; source: string; stale: boolean; problem?: string }>;
  page(): Promise<Response>;
  /** Starts it anew, cold; its KV stays. */
  restart(more?: object): Promise<void>;
  kv(): Promise<Kv>;
}

async function startWorker(url: string, key: string, more: object = {}): Promise<Worker> {
  const options = (others: object) => ({
    modules: true,
    script,
    compatibilityDate: '2026-07-01',
    cf: false as const,
    kvNamespaces: ['KV'],
    bindings: { RELAY_URL: url, KEY: key, ...others },
  });
  const miniflare = new Miniflare(options(more));
  open.push(() => miniflare.dispose());
  await miniflare.ready;
  return {
    kv: () => miniflare.getKVNamespace('KV'),
    ask: async (path = '/') => (await (await miniflare.dispatchFetch(`http://worker.test${path}`)).json()) as never,
    // What is compressed for its reader waits until there is enough of it.
    page: async () => fetch(new URL('/page', await miniflare.ready), { headers: { 'accept-encoding': 'identity' } }),
    restart: (others = {}) => miniflare.setOptions(options({ ...more, ...others })),
  };
}

async function relay(first: string): Promise<TestRelay> {
  const started = await startTestRelay(first);
  open.push(() => started.close());
  return started;
}

test(
  'a Worker asks a real relay, revalidates while serving, and reports what was read',
  { timeout: 30_000 },
  async () => {
    const reports: unknown[] = [];
    const origin = await startTestRelay('one', { onEvents: (batch) => void reports.push(batch) });
    open.push(() => origin.close());
    const { ask } = await startWorker(origin.url, origin.key);
    expect(await ask('/built')).toEqual({});
    const first = await Promise.all(Array.from({ length: 20 }, () => ask()));
    expect(new Set(first.map(({ value }) => value))).toEqual(new Set(['one']));
    origin.set('two');
    await expect.poll(async () => (await ask()).value, { timeout: 5_000 }).toBe('two');
    await expect.poll(() => reports.length, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(JSON.stringify(reports[0])).toContain('"flag":"a"');
  },
);

test('a cold Worker answers from real KV while the relay is down', async () => {
  const origin = await relay('one');
  const { ask, restart, kv } = await startWorker(origin.url, origin.key);
  expect(await ask()).toMatchObject({ value: 'one', source: 'network' });
  await expect.poll(async () => (await (await kv()).list()).keys.length).toBe(2);
  await origin.close();
  await restart({ COLD: '1' });
  expect(await ask()).toMatchObject({ value: 'one', source: 'cache' });
});

test('with a damaged KV and no relay, the build answers at once', async () => {
  const { ask, kv } = await startWorker('http://127.0.0.1:9', 'ck_1', { BOOTSTRAP: rulesetA(1, 'built') });
  await (await kv()).put('flags/client/head', '{"position":"e1.9.00000000","at":9}');
  expect(await ask()).toMatchObject({ value: 'built', source: 'bootstrap' });
  expect(await ask()).toMatchObject({ value: 'built', source: 'bootstrap', stale: true });
});

test('with nothing at all a Worker serves defaults', async () => {
  const { ask } = await startWorker('http://127.0.0.1:9', 'ck_1');
  expect(await ask()).toMatchObject({ value: 'default', stale: true, problem: 'the request failed' });
});

test('a page streams through a Worker, with its flags in its head', async () => {
  const origin = await relay('one');
  const pages = await startPages();
  open.push(async () => pages.close());
  const { page, restart } = await startWorker(origin.url, origin.key, { PAGE_URL: pages.url });
  const response = await page();
  const { text, rest } = await readUntil(response, '<p>first</p>');
  expect(text).toMatch(
    /^<!doctype html><html><head><script>window\.__FLAG_BOOTSTRAP__ = \{.*"value":"one".*\}<\/script><title>ü<\/title>/,
  );
  expect(response.headers.get('cache-control')).toBe('private, no-cache');
  expect(response.headers.get('set-cookie')).toMatch(/^flags-id=/);
  pages.finish();
  expect(await rest).toBe('<p>last</p>');
  await restart({ PAGE_URL: `${pages.url}/gzip` });
  expect(await (await page()).text()).toMatch(/<head><script>.*<title>ü<\/title><\/head><p>first<\/p>$/);
});

test('a Worker asks who is in an external segment: once for requests of one unit that come together', async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    request.on('data', (chunk) => void asked.push(String(chunk)));
    // Long enough for all of them to be there.
    setTimeout(() => response.end('["beta"]'), 100);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  open.push(async () => server.close());
  const built = rulesetA(1, 'out');
  const { a } = built.flags;
  const flag = {
    ...a,
    variations: [...a!.variations, { name: 'member', value: 'in' }],
    rules: [{ id: 'beta', when: { segment: 'beta' }, serve: { variation: 'member' } }],
  };
  const segments = { beta: { key: 'beta', version: 1, digest: 'beta', external: true } };
  const { ask } = await startWorker('http://127.0.0.1:9', 'ck_1', {
    BOOTSTRAP: { ...built, flags: { a: flag }, segments },
    SEGMENTS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
  });
  const units = ['ann', 'ann', 'ann', 'bob', 'ann'];
  const answers = await Promise.all(units.map((unit) => ask(`/?unit=${unit}`)));
  expect(answers.map(({ value }) => value)).toEqual(units.map(() => 'in'));
  expect(await ask('/?unit=ann')).toMatchObject({ value: 'in' });
  expect(asked.sort()).toEqual(
    ['ann', 'bob'].map((unit) => JSON.stringify({ unit, by: 'targetingKey', segments: ['beta'] })),
  );
});
