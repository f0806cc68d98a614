import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { startTestRelay } from '../src/relay.ts';
import { fault } from './fault.ts';

fault('an object that the platform ends', 15_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  const isolate = await worker(proxy.url, relay.key, { THROUGH_OBJECT: true });
  await converged('the first rules', isolate, ({ value }) => value === 'one');
  await converged('its stream', isolate, () => relay.streams() === 1);
  await isolate.endObject();
  relay.set('two');
  await converged('the change', isolate, ({ value }) => value === 'two');
  await converged('one stream, anew', isolate, () => relay.streams() === 1 && streams(proxy) === 2);
});

fault('an object whose stream is cut', 20_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  const isolate = await worker(proxy.url, relay.key, { THROUGH_OBJECT: true });
  await converged('the first rules', isolate, ({ value }) => value === 'one');
  await converged('its stream', isolate, () => relay.streams() === 1);
  proxy.cut(true);
  await converged('it says what is wrong', isolate, ({ stale, problem }) => stale && problem !== undefined);
  relay.set('two');
  expect(await isolate.read()).toMatchObject({ value: 'one' });
  proxy.cut(false);
  await converged('the change', isolate, ({ value, stale }) => value === 'two' && !stale);
  await converged('one stream', isolate, () => relay.streams() === 1);
});

fault('a relay that restarts under an object', 15_000, async ({ origin, owns, worker, converged }) => {
  const { relay, proxy } = await origin();
  const isolate = await worker(proxy.url, relay.key, { THROUGH_OBJECT: true });
  await converged('the first rules', isolate, ({ value }) => value === 'one');
  await converged('its stream', isolate, () => relay.streams() === 1);
  relay.set('two');
  await converged('the change', isolate, ({ value }) => value === 'two');
  await relay.close();
  // The first that comes back has not heard of the change yet.
  const behind = owns(await startTestRelay('one', {}, { version: 1, key: relay.key }));
  proxy.pointAt(behind.url);
  await converged('the stream of one that lags', isolate, () => behind.streams() === 1);
  expect(await isolate.read()).toMatchObject({ value: 'two' });
  behind.set('two');
  behind.set('three');
  await converged('what it says when it has caught up', isolate, ({ value }) => value === 'three');
});

fault('an object whose store fails', 15_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  const isolate = await worker(proxy.url, relay.key, { THROUGH_OBJECT: true, HARM: { store: 'down' } });
  await converged('the first rules', isolate, ({ value }) => value === 'one');
  relay.set('two');
  await converged('the change', isolate, ({ value }) => value === 'two');
  expect(await isolate.kv.get('flags/client/head')).toBeNull();
  await isolate.harm({});
  for (const value of ['three', 'four', 'five']) {
    relay.set(value);
    // Far enough from each other to be told of one by one.
    await sleep(150);
  }
  await converged('the store is told', isolate, async () =>
    ((await isolate.kv.get('flags/client/head')) ?? '').startsWith('{"position":"e1.5.'),
  );
  // However many changes there are, it is written once a second.
  expect((await isolate.read()).refused).toBe(0);
});

const streams = ({ paths }: { readonly paths: readonly string[] }): number =>
  paths.filter((path) => path === '/v1/stream').length;
