import { createEdgeFlags } from '@flags/edge';
import { describe, expect, it } from 'vitest';
import { createRelay, memorySource } from '../src/index.ts';
import type { RelayLog } from '../src/index.ts';
import { flag, ruleset } from './ruleset.ts';
import { KEY, start, until } from './start.ts';

function memoryKv() {
  const entries = new Map<string, string>();
  const kv = {
    entries,
    isDown: false,
    puts: 0,
    get: async (key: string) => entries.get(key),
    put: async (key: string, value: string) => {
      if (kv.isDown) throw new Error('down');
      kv.puts += 1;
      entries.set(key, value);
    },
  };
  return kv;
}

const read = async (kv: ReturnType<typeof memoryKv>, key: string): Promise<boolean | undefined> => {
  const edge = createEdgeFlags<object>({ mode: 'offline', kv });
  const { errorCode, value } = (await edge.flags({})).details(key, false);
  return errorCode === undefined ? value : undefined;
};

describe('a relay with stores', () => {
  it('tells them of every state, for isolates that know nothing else', async () => {
    const kv = memoryKv();
    const { source } = await start({ stores: [{ kv, view: 'server' }] });
    await expect.poll(() => read(kv, 'f1')).toBe(true);
    source.apply({ version: 2, flags: { f1: flag('f1', 2, { fallthrough: { variation: 'off' } }) } });
    await expect.poll(() => read(kv, 'f1'), { timeout: 3_000 }).toBe(false);
    expect(kv.entries.get('server/head')).toContain('.2.');
  });

  it('writes a burst of changes as one', async () => {
    const kv = memoryKv();
    const { source, relay } = await start({ stores: [{ kv, view: 'server' }] });
    await until(() => kv.puts === 2);
    for (let version = 2; version <= 50; version += 1) {
      source.apply({ version, flags: { f1: flag('f1', version, { note: `${version}` }) } });
    }
    await until(() => kv.entries.get('server/head')?.includes('.50.') === true);
    await relay.close();
    expect(kv.puts).toBe(4);
  });

  it('shows a store for clients what client keys are shown', async () => {
    const kv = memoryKv();
    await start({ stores: [{ kv, view: 'client' }] });
    await until(() => kv.entries.has('client/head'));
    const [text = ''] = [...kv.entries].filter(([key]) => key.includes('/rs/')).map(([, value]) => value);
    expect(text).toContain('"public"');
    expect(text).not.toContain('"f1"');
  });

  it('says once that a store fails, and serves on', async () => {
    const kv = memoryKv();
    kv.isDown = true;
    const lines: string[] = [];
    const line = (_facts: object, message: string): void => void lines.push(message);
    const log: RelayLog = { info: line, warn: line, error: line };
    const { source, get } = await start({ stores: [{ kv, view: 'server' }], log });
    const failures = (): number => lines.filter((text) => text.includes('store of flags cannot')).length;
    await until(() => failures() === 1);
    expect((await get('/v1/snapshot')).status).toBe(200);
    kv.isDown = false;
    source.apply({ version: 2, flags: { f1: flag('f1', 2, { note: 'two' }) } });
    await until(() => lines.some((text) => text.includes('can be written again')));
    expect(failures()).toBe(1);
  });

  it('ends, whatever a store does', async () => {
    const kv = { get: () => new Promise<string>(() => {}), put: async () => {} };
    const { relay } = await start({ stores: [{ kv, view: 'server' }] });
    const before = performance.now();
    await relay.close();
    expect(performance.now() - before).toBeLessThan(8_000);
  }, 9_000);

  it.each([[{}], ['kv'], [[{ kv: { get: async () => null }, view: 'server' }]], [[{ kv: memoryKv(), view: 'admin' }]]])(
    'refuses %j',
    async (stores) => {
      const options = { source: memorySource(ruleset(1, [])), keys: [KEY], stores: stores as never };
      await expect(createRelay(options)).rejects.toThrow(/^stores/);
    },
  );
});
