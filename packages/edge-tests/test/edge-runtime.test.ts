import { EdgeRuntime, runServer } from 'edge-runtime';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { bundle } from '../src/bundle.ts';
import { startTestRelay } from '../src/relay.ts';

let script = '';
const open: { close(): Promise<unknown> }[] = [];
beforeAll(async () => {
  script = await bundle('edge-light.ts', 'iife');
});
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

test('the edge runtime asks a real relay, and revalidates while serving', { timeout: 20_000 }, async () => {
  const relay = await startTestRelay('one');
  open.push(relay);
  const runtime = new EdgeRuntime({
    initialCode: script,
    extend: (context) => Object.assign(context, { RELAY_URL: relay.url, KEY: relay.key }),
  });
  const server = await runServer({ runtime, host: '127.0.0.1', port: 0 });
  open.push(server);
  const ask = async (): Promise<unknown> => (await fetch(server.url)).json();
  expect(await ask()).toMatchObject({ value: 'one', source: 'network', stale: false });
  relay.set('two');
  await expect.poll(async () => ((await ask()) as { value: unknown }).value, { timeout: 5_000 }).toBe('two');
});
