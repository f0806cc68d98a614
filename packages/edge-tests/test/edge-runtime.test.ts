import { EdgeRuntime, runServer } from 'edge-runtime';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { bundle } from '../src/bundle.ts';
import { readUntil, startPages } from '../src/pages.ts';
import { startTestRelay } from '../src/relay.ts';

let script = '';
const open: { close(): Promise<unknown> }[] = [];
beforeAll(async () => {
  script = await bundle('edge-light.ts', 'iife');
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function start(value: string, path = ''): Promise<{ url: string; set(value: string): void; finish(): void }> {
  const relay = await startTestRelay(value);
  const pages = await startPages();
  const runtime = new EdgeRuntime({
    initialCode: script,
    extend: (context) => Object.assign(context, { RELAY_URL: relay.url, KEY: relay.key, PAGE_URL: pages.url + path }),
  });
  const server = await runServer({ runtime, host: '127.0.0.1', port: 0 });
  open.push(relay, { close: async () => pages.close() }, server);
  return { url: server.url, set: relay.set, finish: pages.finish };
}

test('the edge runtime asks a real relay, and revalidates while serving', { timeout: 20_000 }, async () => {
  const { url, set } = await start('one');
  const ask = async (): Promise<unknown> => (await fetch(url)).json();
  expect(await ask()).toMatchObject({ value: 'one', source: 'network', stale: false });
  set('two');
  await expect.poll(async () => ((await ask()) as { value: unknown }).value, { timeout: 5_000 }).toBe('two');
});

test('a page streams through the edge runtime, with its flags in its head', { timeout: 20_000 }, async () => {
  const { url, finish } = await start('one');
  const response = await fetch(`${url}page`);
  const { text, rest } = await readUntil(response, '<p>first</p>');
  expect(text).toMatch(
    /^<!doctype html><html><head><script>window\.__FLAG_BOOTSTRAP__ = \{.*"value":"one".*\}<\/script><title>ü</,
  );
  expect(response.headers.get('set-cookie')).toMatch(/^flags-id=/);
  finish();
  expect(await rest).toBe('<p>last</p>');
});

test('a page that was compressed on its way to the edge runtime is read', { timeout: 20_000 }, async () => {
  const { url } = await start('one', '/gzip');
  const text = await (await fetch(`${url}page`)).text();
  expect(text).toMatch(/<head><script>.*<title>ü<\/title><\/head><p>first<\/p>$/);
});
