import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { readMetric } from '../src/metric.ts';
import { startFaultProxy } from '../src/proxy.ts';
import { flagOf } from '../src/rules.ts';
import { fault, FLAG, KEY } from './fault.ts';
import { startRelay } from './relay-bench.ts';

const metric = (url: string, name: string): Promise<number> => readMetric(url, KEY, name);

const STALLED = 'flags_relay_cuts_total{reason="stalled"}';

fault('more clients than a relay takes', 20_000, async (bench) => {
  const { relay, turn } = await startRelay(bench, { streams: { maxStreams: 40 } });
  const inside = Array.from({ length: 40 }, () => bench.client(relay.url));
  await bench.until(() => inside.every((flags) => flags.status().state === 'live'));
  let disturbed = 0;
  for (const flags of inside) {
    flags.subscribe(({ type }) => {
      if (type === 'status') disturbed += 1;
    });
  }
  const outside = Array.from({ length: 40 }, () => bench.client(relay.url));
  await bench.until(() => outside.every((flags) => flags.status().reason === 'server'));
  await sleep(3_000);
  turn(2, true);
  await bench.until(() => inside.every((flags) => flags.value(FLAG, false)));
  expect([disturbed, relay.streams]).toEqual([0, 40]);
  // Each was asked to wait for 2 s and came again up to a second later, and not in between.
  const rejects = await metric(relay.url, 'flags_relay_rejects_total{reason="AT_CAPACITY"}');
  expect(rejects >= 40 && rejects <= 4 * 40).toBe(true);
  for (const flags of inside) await flags.close();
  await bench.converged('those who were turned away', () => outside.every((flags) => flags.status().state === 'live'));
});

fault('readers that do not read', 20_000, async (bench) => {
  const { relay, port, source } = await startRelay(bench, { streams: { stallMs: 3_000 } });
  const [stuck, slow] = [bench.owns(await startFaultProxy({ port })), bench.owns(await startFaultProxy({ port }))];
  const [healthy, first, second] = [bench.client(relay.url), bench.client(stuck.url), bench.client(slow.url)];
  const clients = [healthy, first, second];
  await bench.until(() => clients.every((flags) => flags.status().state === 'live'));
  let changes = 0;
  second.subscribe(FLAG, () => (changes += 1));
  stuck.damage({ kind: 'throttle', bytesPerSecond: 0 });
  slow.damage({ kind: 'throttle', bytesPerSecond: 0 });
  const commits = 80;
  const last = 1 + commits;
  // More than the system keeps for readers that are not there.
  const note = 'x'.repeat(200_000);
  const memory = process.memoryUsage.rss();
  for (let version = 2; version <= last; version += 1) {
    source.apply({ version, flags: { [FLAG]: flagOf(FLAG, version, version === last, note) } });
    await sleep(12);
  }
  await bench.until(() => healthy.value(FLAG, false));
  const late = await metric(relay.url, 'flags_relay_queue_depth');
  // On a machine that is slow itself, one may have been cut already.
  expect(late + (await metric(relay.url, STALLED))).toBeGreaterThanOrEqual(2);
  expect(await metric(relay.url, 'flags_relay_unsent_bytes')).toBeLessThan(2 * 1_048_576);
  expect(process.memoryUsage.rss() - memory).toBeLessThan(300 * 1_048_576);
  slow.damage({ kind: 'pass' });
  await bench.until(() => second.value(FLAG, false));
  // What it missed came at once: one step from what it was sent last to the head.
  expect(changes).toBeLessThan(commits / 2);
  await bench.until(async () => (await metric(relay.url, STALLED)) >= 1);
  stuck.damage({ kind: 'pass' });
  await bench.converged('the change, where nothing was read', () => first.value(FLAG, false));
  await bench.until(() => relay.streams === clients.length);
});
