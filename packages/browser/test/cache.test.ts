import { xxh32 } from '@flags/core';
import { describeStore } from '@flags/sync/testing';
import { expect, test as it } from 'vitest';
import type { TextStorage } from '../src/index.ts';
import { createLocalStore, localCache } from '../src/index.ts';

function memoryStorage(room = Infinity): TextStorage & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    getItem: (name) => texts.get(name) ?? null,
    setItem: (name, text) => {
      if (text.length > room) throw new DOMException('full', 'QuotaExceededError');
      texts.set(name, text);
    },
    removeItem: (name) => void texts.delete(name),
  };
}

describeStore({
  test: (name, body) => {
    // oxlint-disable-next-line vitest/expect-expect, vitest/valid-title -- the suite throws by itself and names its tests
    it(name, body);
  },
  createPlace: async () => {
    const storage = memoryStorage();
    return { open: () => createLocalStore('place', () => storage, 3_000_000), remove: async () => {} };
  },
  sumOf: (text) => xxh32(text).toString(16),
});

it('a text that is too long, or finds no room, takes the old one away', async () => {
  for (const storage of [memoryStorage(), memoryStorage(10)]) {
    const store = createLocalStore('place', () => storage, 20);
    await store.write('short');
    expect(store.read()).toBe('short');
    const code = storage.texts.size > 0 && (await store.write('x'.repeat(21)).catch((error: unknown) => error));
    expect(code).toMatchObject({ code: 'the rules are too long' });
    expect(store.read()).toBeUndefined();
  }
  const full = createLocalStore('place', () => memoryStorage(10));
  await expect(full.write('x'.repeat(15))).rejects.toMatchObject({ code: 'no room' });
});

it('a page keeps no more than a million characters, unless it says so', async () => {
  const storage = memoryStorage();
  const store = createLocalStore('place', () => storage);
  await store.write('x'.repeat(1_000_000));
  expect(store.read()).toHaveLength(1_000_000);
  await expect(store.write('x'.repeat(1_000_001))).rejects.toMatchObject({ code: 'the rules are too long' });
});

it('storage that is denied or missing is a problem with a name, not a crash', async () => {
  const denied = createLocalStore('place', () => {
    throw new DOMException('denied', 'SecurityError');
  });
  expect(() => denied.read()).toThrow(expect.objectContaining({ code: 'no storage' }) as Error);
  await expect(createLocalStore('place', () => undefined).write('x')).rejects.toMatchObject({ code: 'no storage' });
});

it('where there is no storage a client starts without a cache, and says so', () => {
  const logged: string[] = [];
  const logger = { info: () => {}, warn: (text: string) => void logged.push(text) };
  const clock = { now: () => 0, monotonic: () => 0, after: () => () => {} };
  const snapshots = localCache()({ url: 'http://relay', key: 'k', compileOptions: {}, logger, clock });
  expect(snapshots.load()).toBeUndefined();
  expect(logged).toEqual([expect.stringContaining('no storage')]);
});
