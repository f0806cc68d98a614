import { createClient } from '@flags/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RelayOptions, UpstreamSource } from '../src/index.ts';
import { generateServerKey, memorySource, upstreamSource } from '../src/index.ts';
import { flag, manyFlags, ruleset } from './ruleset.ts';
import type { Started } from './start.ts';
import { CLIENT_KEY, KEY, start, until } from './start.ts';

const NEXT = generateServerKey();

interface Following extends Started {
  readonly upstream: UpstreamSource;
  readonly told: string[];
}

async function follow(url: string, key = KEY, more: Partial<RelayOptions> = {}): Promise<Following> {
  const told: string[] = [];
  const upstream = upstreamSource({ url, key, settleMs: 10 });
  const started = await start({
    source: upstream,
    onBrokenSource: ([problem]) => told.push(problem?.message ?? ''),
    onMendedSource: () => told.push('mended'),
    ...more,
  });
  return { ...started, upstream, told };
}

async function resumes({ get }: Started): Promise<string> {
  const text = await (await get('/metrics', { authorization: `Bearer ${NEXT}` })).text();
  return [...text.matchAll(/^flags_relay_resumes_total\{kind="(\w+)"\} [1-9]/gm)].map(([, kind]) => kind).join();
}

describe('the key that a relay follows with', { timeout: 20_000 }, () => {
  it('is replaced before the old one ends: nothing is fetched anew, and no stream below notices', async () => {
    const source = memorySource(ruleset(1, manyFlags(10)));
    const origin = await start({ source, keys: [KEY, NEXT] });
    const region = await follow(origin.relay.url);
    await region.relay.ready;
    const flags = createClient({ url: region.relay.url, key: KEY });
    onTestFinished(() => flags.close());
    await flags.ready({ timeoutMs: 5_000 });
    const states: string[] = [];
    flags.subscribe(() => states.push(flags.status().state));

    region.upstream.setKey(NEXT);
    region.upstream.setKey(NEXT);
    await until(() => origin.relay.streams === 1);
    origin.relay.setKeys([NEXT]);
    source.apply({ version: 2, flags: { f0: flag('f0', 2, { enabled: false }) } });
    await until(() => !flags.value('f0', true));
    expect(await resumes(origin)).toMatch(/^(current|delta),initial$/);
    expect(region.told).toEqual([]);
    expect(new Set(states)).toEqual(new Set(['live']));
    expect((await region.stream()).response.status).toBe(200);
  });

  it('mends at once what a key that has ended broke, and serves what is held meanwhile', async () => {
    const source = memorySource(ruleset(1, manyFlags(10)));
    const origin = await start({ source, keys: [KEY, NEXT] });
    const region = await follow(origin.relay.url);
    await region.relay.ready;
    origin.relay.setKeys([NEXT]);
    await until(() => region.told.some((message) => message.includes('401')));
    source.apply({ version: 2, flags: { f0: flag('f0', 2, { enabled: false }) } });
    expect((await region.get('/v1/snapshot')).headers.get('etag')).toContain('.1.');
    const before = performance.now();
    region.upstream.setKey(NEXT);
    await until(() => region.told.at(-1) === 'mended');
    await until(() => region.commits.length === 2);
    // Without it the next attempt is minutes away.
    expect(performance.now() - before).toBeLessThan(15_000);
  });

  it('has to be of the same kind, since what is held depends on it, and is never quoted', async () => {
    const origin = await start();
    const region = await follow(origin.relay.url);
    for (const key of [CLIENT_KEY, 'two words', '']) {
      let error: unknown;
      try {
        region.upstream.setKey(key);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining('server key') });
      if (key !== '') expect(String(error)).not.toContain(key);
    }
  });

  it('may be replaced before the start and after the end', async () => {
    const origin = await start({ keys: [NEXT] });
    const upstream = upstreamSource({ url: origin.relay.url, key: KEY });
    upstream.setKey(NEXT);
    const { relay } = await start({ source: upstream });
    await relay.ready;
    await relay.close();
    upstream.setKey(KEY);
    await until(() => origin.relay.streams === 0);
    expect(origin.relay.streams).toBe(0);
  });
});
