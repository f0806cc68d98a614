import { EdgeRuntime, runServer } from 'edge-runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../src/bundle.ts';
import { readUntil, startPages } from '../src/pages.ts';
import type { Pages } from '../src/pages.ts';
import { startTestRelay } from '../src/relay.ts';
import type { TestRelay } from '../src/relay.ts';

let pages: Pages;
let relay: TestRelay;
let server: Awaited<ReturnType<typeof runServer>>;

beforeAll(async () => {
  relay = await startTestRelay('one');
  pages = await startPages();
  const runtime = new EdgeRuntime({
    initialCode: await bundle('edge-light.ts', 'iife'),
    extend: (context) => Object.assign(context, { RELAY_URL: relay.url, KEY: relay.key, PAGE_URL: pages.url }),
  });
  server = await runServer({ runtime, host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close();
  pages.close();
  await relay.close();
});

test('the edge runtime asks a real relay, and revalidates while serving', { timeout: 20_000 }, async () => {
  const ask = async (): Promise<unknown> => (await fetch(server.url)).json();
  expect(await ask()).toMatchObject({ value: 'one', source: 'network', stale: false });
  relay.set('two');
  await expect.poll(async () => ((await ask()) as { value: unknown }).value, { timeout: 5_000 }).toBe('two');
});

test('a page streams through the edge runtime, with its flags in its head', { timeout: 20_000 }, async () => {
  const response = await fetch(`${server.url}page`);
  const { text, rest } = await readUntil(response, '<p>first</p>');
  expect(text).toMatch(
    /^<!doctype html><html><head><script>window\.__FLAG_BOOTSTRAP__ = \{.*"value":"(?:one|two)".*\}<\/script><title>ü</,
  );
  expect(response.headers.get('set-cookie')).toMatch(/^flags-id=/);
  pages.finish();
  expect(await rest).toBe('<p>last</p>');
});

test('a page that was compressed on its way to the edge runtime is read', { timeout: 20_000 }, async () => {
  const text = await (await fetch(`${server.url}page/gzip`)).text();
  expect(text).toMatch(/<head><script>.*<title>ü<\/title><\/head><p>first<\/p>$/);
});
