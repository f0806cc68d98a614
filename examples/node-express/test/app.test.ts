import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { MemoryClient } from '@flags/sync/testing';
import { createMemoryClient, rulesetOf, switchFlag } from '@flags/sync/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from '../app.ts';

async function open(client: MemoryClient): Promise<(path: string, user?: string) => Promise<Response>> {
  const server = createApp(client).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return (path, user) =>
    fetch(`http://127.0.0.1:${port}${path}`, { headers: user === undefined ? {} : { cookie: `a=b; user=${user}` } });
}

test('each request reads for its own user', async () => {
  const checkout = switchFlag('new-checkout', {
    rules: [{ id: 'pro', when: { attr: 'plan', op: 'in', values: ['pro'] }, serve: { variation: 'on' } }],
    fallthrough: { variation: 'off' },
  });
  const ask = await open(createMemoryClient(rulesetOf(1, [checkout])));
  const pages = await Promise.all(['pro-1', 'u-2', undefined].map(async (user) => (await ask('/', user)).text()));
  expect(pages.map((page) => /Checkout in (.*)\./.exec(page)?.[1])).toEqual(['one page', 'three steps', 'three steps']);
});

test('a page brings along what its flags give, under its policy, and no value becomes markup', async () => {
  const client = createMemoryClient({ 'welcome-text': '</script><b>"Hi"</b>', 'free-shipping-from': 30 });
  const ask = await open(client);
  const response = await ask('/');
  const nonce = /'nonce-([\w+/=]+)'/.exec(response.headers.get('content-security-policy') ?? '')?.[1];
  const page = await response.text();
  expect(page).toContain('<h1>&lt;/script&gt;&lt;b&gt;&quot;Hi&quot;&lt;/b&gt;</h1>');
  expect(page).toContain(`<script nonce="${nonce}">window.__FLAG_BOOTSTRAP__ = {`);
  expect(page).toContain('"free-shipping-from":{"value":30,');
  expect(page.match(/<\/script>/g)).toHaveLength(2);
  expect(response.headers.get('cache-control')).toBe('private, no-store');
});

test('a change is there with the next request, and without a connection the last rules stay', async () => {
  const client = createMemoryClient({ 'free-shipping-from': 30 });
  const ask = await open(client);
  const freeFrom = async (): Promise<unknown> => (await ask('/api/shipping')).json();
  expect(await freeFrom()).toEqual({ freeFrom: 30 });
  client.set({ 'free-shipping-from': 20 });
  expect(await freeFrom()).toEqual({ freeFrom: 20 });
  client.disconnect();
  expect(await freeFrom()).toEqual({ freeFrom: 20 });
  expect(await (await ask('/healthz')).json()).toMatchObject({ stale: true });
});

test('without any flags the shop has its defaults', async () => {
  const ask = await open(createMemoryClient());
  expect(await (await ask('/api/shipping')).json()).toEqual({ freeFrom: 50 });
  expect(await (await ask('/')).text()).toContain('<h1>Welcome!</h1>');
});
