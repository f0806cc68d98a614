import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { fault } from './fault.ts';

fault('a request that ends before what it began', 35_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  const isolate = await worker(proxy.url, relay.key);
  await converged('the first rules', isolate, ({ value }) => value === 'one');
  proxy.delay(60_000);
  // Nothing keeps these requests for it: the runtime ends what they began with them.
  for (const before = proxy.paths.length; proxy.paths.length === before; await sleep(25)) {
    expect(await isolate.read('/alone')).toMatchObject({ value: 'one' });
  }
  proxy.delay(0);
  relay.set('two');
  await converged('the change', isolate, ({ value }) => value === 'two');
});

fault('an isolate that is ended while it asks', 20_000, async ({ origin, worker, fromStore, converged }) => {
  const { relay, proxy } = await origin();
  const isolate = await worker(proxy.url, relay.key);
  await converged('the first rules', isolate, ({ value }) => value === 'one');
  await converged('the store is told', isolate, async () => (await isolate.kv.get('flags/client/head')) !== null);
  proxy.delay(10_000);
  relay.set('two');
  await converged('it asks', isolate, () => proxy.paths.length > 1);
  await isolate.restart();
  proxy.cut(true);
  await fromStore(isolate, 'one');
  proxy.delay(0);
  proxy.cut(false);
  await converged('the change', isolate, ({ value }) => value === 'two');
});

fault('clocks that are wrong', 15_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  const day = 86_400_000;
  const isolate = await worker(proxy.url, relay.key, { HARM: { skew: 2 * day } });
  const told = async (value: string): Promise<void> => {
    relay.set(value);
    await converged(`${value}, at an isolate`, isolate, (reading) => reading.value === value);
    await converged(`${value}, at the store`, isolate, async ({ position }) =>
      ((await isolate.kv.get('flags/client/head')) ?? '').includes(position ?? 'nothing'),
    );
  };
  await told('ahead');
  // What that one wrote is two days from now for those whose clock is right.
  await isolate.restart({ HARM: {} });
  expect(await isolate.read()).toMatchObject({ value: 'ahead' });
  await told('right');
  await isolate.restart({ HARM: { skew: -2 * day } });
  await told('behind');
});

fault('middleware around what fails', 20_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  proxy.cut(true);
  const isolate = await worker(proxy.url, relay.key, { HARM: { store: 'down' } });
  const page = async (): Promise<string> => {
    const response = await isolate.page();
    expect(response.status).toBe(200);
    return response.text();
  };
  expect(await page()).toMatch(/<title>Shop<\/title>.*<p>Hello/);
  await isolate.harm({ store: 'down', handler: 'throws' });
  expect((await isolate.page()).status).toBe(500);
  await isolate.harm({ store: 'down' });
  proxy.cut(false);
  await converged('the rules of the relay', isolate, ({ value }) => value === 'one');
  expect(await page()).toMatch(/"value":"one".*<title>Shop<\/title>.*<p>Hello/);
});
