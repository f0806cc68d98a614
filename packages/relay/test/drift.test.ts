import { expect, it } from 'vitest';
import { createRelay, memorySource, upstreamSource } from '../src/index.ts';
import { standBefore } from './between.ts';
import { parsePrometheus } from './prometheus.ts';
import { flag, manyFlags, ruleset } from './ruleset.ts';
import { KEY, open, start, until } from './start.ts';

it('a relay shows how often what it holds did not add up to what its upstream says, and whether it still does not', async () => {
  const source = memorySource(ruleset(1, manyFlags(10)));
  const origin = await start({ source, heartbeatMs: 300 });
  let isSpoiling = false;
  const between = await standBefore(origin.relay.url, {
    spoil: (text) => (isSpoiling ? text.replaceAll(/"digest":"\w{8}/g, '"digest":"00000000') : text),
  });
  const follower = upstreamSource({ url: between.url, key: KEY, settleMs: 10 });
  const relay = await createRelay({ source: follower, keys: [KEY], port: 0, metrics: { port: 0 } });
  open.push(relay);
  await relay.listen();
  await relay.ready;
  const drift = async (): Promise<unknown> => {
    const samples = parsePrometheus(await (await fetch(`${relay.metricsUrl}/metrics`)).text());
    return [samples.get('flags_relay_source_drift'), samples.get('flags_relay_source_drifts_total')];
  };
  expect(await drift()).toEqual([0, 0]);
  isSpoiling = true;
  source.apply({ version: 2, flags: { f0: flag('f0', 2, { enabled: false }) } });
  await until(() => follower.drift?.isNow === true);
  isSpoiling = false;
  const [, count] = (await drift()) as [number, number];
  expect(count).toBeGreaterThanOrEqual(1);
  await until(() => follower.drift?.isNow === false);
  const [isNow, found] = (await drift()) as [number, number];
  expect(isNow).toBe(0);
  expect(found).toBeGreaterThanOrEqual(count);
  // Counted on, and not anew, over a new connection with another key.
  follower.setKey?.('sk_another_0123456789');
  expect(((await drift()) as [number, number])[1]).toBe(found);
});
