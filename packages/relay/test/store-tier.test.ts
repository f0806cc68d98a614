import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createEnvironment } from '../src/environment.ts';
import { SILENT } from '../src/log.ts';
import type { PublishedStore } from '../src/options.ts';
import type { StoreTier } from '../src/tiers/stores.ts';
import { createStoreTier } from '../src/tiers/stores.ts';
import { flag, ruleset } from './ruleset.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

function startTier(more: Partial<PublishedStore> = {}) {
  const entries = new Map<string, string>();
  const store = { reads: 0, isDown: false, isCurrent: true, tookMs: 0 };
  const environment = createEnvironment({ scope: 'server', sealer: undefined });
  environment.replace(ruleset(1, [flag('f1', 1)]));
  const kv = {
    get: async (key: string) => {
      store.reads += 1;
      if (store.isDown) throw new Error('down');
      return entries.get(key);
    },
    put: async (key: string, value: string) => {
      if (store.tookMs > 0) await new Promise((resolve) => void setTimeout(resolve, store.tookMs));
      entries.set(key, value);
    },
  };
  const tier: StoreTier = createStoreTier({
    stores: [{ kv, view: 'server', name: 'near', ...more }],
    environment,
    log: SILENT,
    isCurrent: () => store.isCurrent,
  });
  const change = (version: number): void => {
    environment.apply({ version, flags: { f1: flag('f1', version, { note: `${version}` }) } });
    tier.save();
  };
  return { store, tier, change, head: () => entries.get('server/head') ?? '', counts: () => tier.counts[0] };
}

it('leaves a store that fails alone for 1, 2, 4 s and so on up to a minute, whatever changes meanwhile', async () => {
  const { store, change, counts, head } = startTier({ confirmMs: Infinity });
  store.isDown = true;
  for (let version = 2; version < 152; version += 1) {
    change(version);
    await pass(100);
  }
  expect(store.reads).toBe(4 + 1);
  await pass(16_000 + 32_000);
  expect(store.reads).toBe(6 + 1);
  await pass(180_000);
  expect(store.reads).toBe(6 + 1 + 3);
  store.isDown = false;
  await pass(60_000);
  expect(head()).toContain('.151.');
  expect(counts()).toEqual({ name: 'near', written: 1, failed: 10, lagMs: 0 });
});

it('writes what came while nobody could vouch for it once somebody can, where nothing is confirmed either', async () => {
  const { store, change, counts, head } = startTier({ confirmMs: Infinity });
  store.isCurrent = false;
  change(2);
  await pass(14_000);
  expect([head(), counts()?.lagMs]).toEqual(['', 14_000]);
  store.isCurrent = true;
  await pass(1_000);
  expect(head()).toContain('.2.');
  const { reads } = store;
  await pass(600_000);
  expect([store.reads, counts()?.lagMs]).toEqual([reads, 0]);
});

it('says now and then that nothing is newer', async () => {
  const { store, change, counts } = startTier({ confirmMs: 5_000 });
  change(2);
  await pass(1);
  expect(counts()).toMatchObject({ written: 1 });
  await pass(20_000);
  expect([store.reads, counts()?.written]).toEqual([5, 5]);
});

it('lags by the oldest change that is not there, and not by one that is on its way', async () => {
  const { store, change, counts } = startTier();
  store.tookMs = 400;
  change(2);
  await pass(100);
  change(3);
  await pass(600);
  // The rules and the head of the second version took 800 ms; the third came after 100 of them, and waits for its second.
  expect(counts()).toMatchObject({ written: 0, lagMs: 700 });
  await pass(200);
  expect(counts()).toMatchObject({ written: 1, lagMs: 800 });
  await pass(1_800);
  expect(counts()).toMatchObject({ written: 2, lagMs: 0 });
});
