import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { flagOf, rulesetOf } from '../src/rules.ts';
import { fault, FLAG, KEY } from './fault.ts';
import { startRelay } from './relay-bench.ts';

const NEXT_KEY = 'sk_the_one_that_follows';
const OTHER_KEY = 'key_of_another_service';

fault('a key that is taken away', 10_000, async (bench) => {
  const visible = { ...flagOf(FLAG, 1, true), client: true };
  const rules = rulesetOf(1, [visible, flagOf('secret', 1, true)]);
  const { relay, source } = await startRelay(bench, { keys: [KEY, OTHER_KEY] }, rules);
  const fixed = bench.client(relay.url);
  let known = KEY;
  const fetching = bench.client(relay.url, { key: () => known });
  const narrowed = bench.client(relay.url, { key: OTHER_KEY });
  const clients = [fixed, fetching, narrowed];
  await bench.until(() => clients.every((flags) => flags.status().state === 'live'));
  let told = 0;
  fixed.subscribe(({ type }) => {
    if (type === 'change') told += 1;
  });
  known = NEXT_KEY;
  relay.setKeys([NEXT_KEY, { key: OTHER_KEY, kind: 'client' }]);
  source.apply({ version: 2, flags: { secret: flagOf('secret', 2, false) } });
  await bench.converged('the client that fetches its key', () => {
    return fetching.status().state === 'live' && !fetching.value('secret', true);
  });
  // Nothing of the commit behind it has come to who holds the old key; what it has, it serves.
  await bench.until(() => fixed.status().reason === 'auth');
  expect([told, fixed.value('secret', false), fixed.value(FLAG, false)]).toEqual([0, true, true]);
  // The same key, for less: what it may not see any more is gone.
  await bench.until(() => narrowed.details('secret', false).errorCode === 'FLAG_NOT_FOUND');
  expect(narrowed.value(FLAG, false)).toBe(true);
});

fault('a key that runs out while its successor is valid', 10_000, async (bench) => {
  const { relay, turn } = await startRelay(bench, { heartbeatMs: 500 });
  const expiresAt = new Date(Date.now() + 4_000).toISOString();
  relay.setKeys([{ key: KEY, expiresAt }, NEXT_KEY]);
  let known = KEY;
  const flags = bench.client(relay.url, { key: () => known });
  await bench.until(() => flags.status().state === 'live');
  const late = bench.client(relay.url);
  await bench.until(() => late.status().state === 'live');
  turn(2, true);
  await bench.until(() => flags.value(FLAG, false) && late.value(FLAG, false));
  expect(Date.now()).toBeLessThan(Date.parse(expiresAt));
  known = NEXT_KEY;
  await bench.until(() => late.status().reason === 'auth');
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
  await sleep(10);
  turn(3, false);
  await bench.converged(
    'the client that has the next key',
    () => !flags.value(FLAG, true) && flags.status().state === 'live',
  );
  expect(late.value(FLAG, false)).toBe(true);
});
