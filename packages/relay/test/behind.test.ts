import type { Position } from '@flags/sync';
import { formatPosition } from '@flags/sync';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createBehind } from '../src/behind.ts';
import { memorySource, upstreamSource } from '../src/index.ts';
import { SILENT } from '../src/log.ts';
import type { Between } from './between.ts';
import { standBefore } from './between.ts';
import { EPOCH, flag, manyFlags, ruleset } from './ruleset.ts';
import type { Started } from './start.ts';
import { KEY, start, until } from './start.ts';

const follow = (url: string): Promise<Started> => start({ source: upstreamSource({ url, key: KEY, settleMs: 10 }) });
const streams = ({ paths }: Between): number => paths.filter((path) => path === '/v1/stream').length;
const at = (version: number): Position => ({ epoch: EPOCH, version, hash: '00000000' });

describe('a client that is ahead', () => {
  it('has every relay of a chain look above it, once, so that all catch up', async () => {
    const source = memorySource(ruleset(1, manyFlags(10)));
    const origin = await start({ source });
    let isLost = false;
    const way = await standBefore(origin.relay.url, { loses: () => isLost });
    const region = await follow(way.url);
    const pop = await follow(region.relay.url);
    await pop.relay.ready;
    // Neither of the two below has heard of it, and no heartbeat tells them for half a minute.
    isLost = true;
    source.apply({ version: 2, flags: { f0: flag('f0', 2, { note: 'new' }) } });
    const head = formatPosition(origin.commits.at(-1)!.position);
    expect((await (await origin.stream()).next()).message).toMatchObject({ position: { version: 2 } });
    isLost = false;
    expect([region.commits.length, pop.commits.length, streams(way)]).toEqual([1, 1, 1]);

    const auth = { authorization: `Bearer ${KEY}`, 'last-event-id': head };
    const readers = await Promise.all(Array.from({ length: 5 }, () => pop.stream('/v1/stream', auth)));
    // Never an older full sync.
    expect((await readers[0]?.next())?.message).toMatchObject({ type: 'HEARTBEAT', position: { version: 1 } });
    await until(() => pop.commits.length === 2);
    expect(formatPosition(pop.commits[1]!.position)).toBe(head);
    expect(streams(way)).toBe(2);
  });

  it(
    'that claims what nobody has is told of above once in a while, so that it goes round no circle for ever',
    { timeout: 60_000 },
    async () => {
      const first = await start();
      const way = await standBefore(first.relay.url);
      const region = await follow(way.url);
      await region.relay.ready;
      const real = performance.now.bind(performance);
      let shift = 0;
      const now = vi.spyOn(performance, 'now').mockImplementation(() => real() + shift);
      onTestFinished(() => now.mockRestore());
      const told = (): string[] => way.urls.flatMap((url) => /history\?since=(zz\..)/.exec(url)?.[1] ?? []);
      const claim = async (version: number): Promise<void> => {
        shift += 6_000;
        expect((await region.get(`/v1/snapshot?since=zz.${version}.00000000`)).status).toBe(304);
      };
      await claim(8);
      await expect.poll(told, { timeout: 20_000 }).toEqual(['zz.8']);
      // Those that come in the middle of a look may wait for the 5 s after it, and for those after the next.
      for (const version of [8, 7, 9]) await claim(version);
      await expect.poll(told, { timeout: 20_000 }).toEqual(['zz.8', 'zz.9']);
      shift += 30_000;
      // Claimed until it is heard, as a client does: what is not further ahead is lost in the middle of a look.
      const afterClaim = async (): Promise<string[]> => {
        await claim(6);
        return told().slice(0, 3);
      };
      await expect.poll(afterClaim, { timeout: 20_000 }).toEqual(['zz.8', 'zz.9', 'zz.6']);
    },
  );
});

describe('looking at the source', () => {
  it('happens once for all who come meanwhile, and again for who is further ahead', async () => {
    const asked: number[] = [];
    const ends: (() => void)[] = [];
    const behind = createBehind(async ({ version }) => {
      asked.push(version);
      await new Promise<void>((resolve) => void ends.push(resolve));
    }, SILENT);
    for (const version of [3, 3, 2]) behind(at(version));
    expect(asked).toEqual([3]);
    for (const version of [5, 4]) behind(at(version));
    ends[0]?.();
    await until(() => asked.length === 2);
    ends[1]?.();
    await new Promise((resolve) => void setImmediate(resolve));
    expect(asked).toEqual([3, 5]);
    behind(at(4));
    expect(asked).toEqual([3, 5, 4]);
  });

  it('is tried anew after one that failed', async () => {
    const told: unknown[] = [];
    const behind = createBehind(async () => Promise.reject(new Error('away')), {
      ...SILENT,
      error: (_facts, message) => void told.push(message),
    });
    behind(at(2));
    await until(() => told.length === 1);
    await new Promise((resolve) => void setImmediate(resolve));
    behind(at(2));
    await until(() => told.length === 2);
    expect(told[1]).toBe('looking at the source again failed');
  });
});
