import { expect } from 'vitest';
import { rulesetA } from '../src/relay.ts';
import { fault } from './fault.ts';

fault('a relay that is away from a warm isolate', 20_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  const isolate = await worker(proxy.url, relay.key);
  await converged('the first rules', isolate, ({ value }) => value === 'one');
  proxy.cut(true);
  await converged('it says what is wrong', isolate, ({ stale, problem }) => stale && problem === 'the request failed');
  relay.set('two');
  expect(await isolate.read()).toMatchObject({ value: 'one', stale: true });
  proxy.cut(false);
  await converged('the change', isolate, ({ value, stale }) => value === 'two' && !stale);
});

fault('a relay that is away from a cold isolate', 20_000, async ({ origin, worker, fromStore, converged }) => {
  const { relay, proxy } = await origin();
  const isolate = await worker(proxy.url, relay.key);
  await converged('the first rules', isolate, ({ value }) => value === 'one');
  await converged('the store is told', isolate, async () => (await isolate.kv.get('flags/client/head')) !== null);
  proxy.cut(true);
  await fromStore(isolate, 'one');
  relay.set('two');
  proxy.cut(false);
  await converged('the change', isolate, ({ value, source }) => value === 'two' && source === 'network');
});

fault('an isolate that has nothing but its build', 20_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  proxy.cut(true);
  const isolate = await worker(proxy.url, relay.key, { BOOTSTRAP: rulesetA(0, 'built') });
  expect(await isolate.read()).toMatchObject({ value: 'built', source: 'bootstrap' });
  await converged('it says what is wrong', isolate, ({ stale, problem }) => stale && problem === 'the request failed');
  proxy.cut(false);
  await converged('the rules of the relay', isolate, ({ value, source }) => value === 'one' && source === 'network');
});

fault('an isolate that has nothing at all', 20_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  proxy.cut(true);
  const isolate = await worker(proxy.url, relay.key);
  expect(await isolate.read()).toMatchObject({ value: 'default', stale: true, problem: 'the request failed' });
  proxy.cut(false);
  await converged('the first rules', isolate, ({ value, stale }) => value === 'one' && !stale);
});

fault('a relay that is silent', 20_000, async ({ origin, worker, converged }) => {
  const { relay, proxy } = await origin();
  proxy.delay(4_000);
  const isolate = await worker(proxy.url, relay.key, { PATIENCE: 1_000 });
  // Had it waited for the relay, it would know better.
  expect(await isolate.read()).toMatchObject({ value: 'default' });
  await converged('what was waited for', isolate, ({ value }) => value === 'one');
  relay.set('two');
  await converged('the change, whose requests take as long', isolate, ({ value }) => value === 'two');
});
