import type { FlagClient } from '@flags/node';
import { createClient } from '@flags/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { MemorySource } from '../src/index.ts';
import { memorySource, upstreamSource } from '../src/index.ts';
import { standBefore } from './between.ts';
import { flag, manyFlags, ruleset } from './ruleset.ts';
import { KEY, start } from './start.ts';

const long = (): MemorySource => memorySource(ruleset(1, manyFlags(1_000)));
/** As long as before, and still JSON: nothing but its digest shows it. */
const forge = (path: string, text: string): string =>
  path === '/v1/ruleset' ? text.replaceAll('"enabled":true', '"enabled":null') : text;

async function read(url: string): Promise<FlagClient> {
  const flags = createClient({ url, key: KEY });
  onTestFinished(() => flags.close());
  expect(await flags.ready({ timeoutMs: 10_000 })).toMatchObject({ source: 'network' });
  return flags;
}

describe('a long ruleset on its way to an SDK', { timeout: 20_000 }, () => {
  it('is fetched apart from the stream, and changes follow it there', async () => {
    const source = long();
    const { relay } = await start({ source });
    const way = await standBefore(relay.url);
    const flags = await read(way.url);
    expect(flags.value('f999', false)).toBe(true);
    source.apply({ version: 2, flags: { f999: flag('f999', 2, { enabled: false }) } });
    await expect.poll(() => flags.value('f999', true), { timeout: 5_000 }).toBe(false);
    expect(way.paths).toEqual(['/v1/stream', '/v1/ruleset']);
  });

  it('is not used when it is not what was named: a snapshot takes its place, and the stream goes on', async () => {
    const source = long();
    const { relay } = await start({ source });
    const way = await standBefore(relay.url, { edit: forge });
    const flags = await read(way.url);
    expect(way.paths).toEqual(['/v1/stream', '/v1/ruleset', '/v1/snapshot']);
    expect(flags.details('f999', false)).toMatchObject({ value: true, reason: 'STATIC' });
    source.apply({ version: 2, flags: { f999: flag('f999', 2, { enabled: false }) } });
    await expect.poll(() => flags.value('f999', true), { timeout: 5_000 }).toBe(false);
    expect(flags.status()).toMatchObject({ state: 'live', drift: false });
    expect(way.paths).toHaveLength(3);
  });

  it.each([
    ['is fetched apart by a relay that follows, and by who follows that', undefined, []],
    ['is not taken in forged by a relay that follows', forge, ['/v1/snapshot']],
  ] as const)('%s', async (_name, edit, more) => {
    const source = long();
    const first = await start({ source });
    const upper = await standBefore(first.relay.url, { edit });
    const region = await start({ source: upstreamSource({ url: upper.url, key: KEY, settleMs: 10 }) });
    await region.relay.ready;
    const lower = await standBefore(region.relay.url, { edit });
    const flags = await read(lower.url);
    expect(flags.value('f999', false)).toBe(true);
    expect(upper.paths.filter((path) => path !== '/v1/history')).toEqual(['/v1/stream', '/v1/ruleset', ...more]);
    expect(lower.paths).toEqual(['/v1/stream', '/v1/ruleset', ...more]);
    source.apply({ version: 2, flags: { f999: flag('f999', 2, { enabled: false }) } });
    await expect.poll(() => flags.value('f999', true), { timeout: 5_000 }).toBe(false);
    const etag = async (url: string): Promise<string | null> =>
      (await fetch(`${url}/v1/snapshot`, { headers: { authorization: `Bearer ${KEY}` } })).headers.get('etag');
    expect(await etag(region.relay.url)).toBe(await etag(first.relay.url));
  });
});
