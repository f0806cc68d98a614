import { createClient } from '@flags/node';
import { expect, it, onTestFinished } from 'vitest';
import { parsePrometheus } from './prometheus.ts';
import { flag } from './ruleset.ts';
import { KEY, start } from './start.ts';

it('an SDK says what it has applied, so that the way of a change is measured by itself', async () => {
  const { relay, source, get } = await start({ acks: true });
  const client = createClient({ url: relay.url, key: KEY, exposures: false });
  onTestFinished(() => client.close());
  await client.ready({ timeoutMs: 5_000 });
  const sample = async (name: string): Promise<number | undefined> =>
    parsePrometheus(await (await get('/metrics')).text()).get(name);
  const before = performance.now();
  source.apply({ version: 2, flags: { f0: flag('f0', 2, { enabled: false }) } });
  await expect.poll(() => sample('flags_relay_propagation_seconds_count'), { timeout: 10_000, interval: 50 }).toBe(1);
  const took = (await sample('flags_relay_propagation_seconds_sum')) ?? Infinity;
  // The client waited for a second or more before it told, and that is no part of the way.
  expect(took).toBeLessThan((performance.now() - before) / 1_000 - 0.9);
  expect(await sample('flags_relay_acks_total{outcome="applied"}')).toBe(1);
  expect((await sample('flags_relay_acks_total{outcome="ahead"}')) ?? 0).toBe(0);
}, 15_000);
