import { createClient } from '@flags/node';
import { formatPosition } from '@flags/sync';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Relay } from '../src/index.ts';
import { createRelay, memorySource, RelayError, upstreamSource } from '../src/index.ts';
import { standBefore } from './between.ts';
import { openStream } from './reader.ts';
import { flag, manyFlags, ruleset, segment } from './ruleset.ts';
import { CLIENT_KEY, KEY, open, start, until } from './start.ts';

const shown = Array.from({ length: 5 }, (_, index) => flag(`c${index}`, 1, { client: true }));
const content = [...manyFlags(10), ...shown];

/** A relay that follows another one. */
async function follow(url: string, key = KEY, more: Partial<Parameters<typeof createRelay>[0]> = {}): Promise<Relay> {
  const source = upstreamSource({ url, key, settleMs: 10 });
  const relay = await createRelay({ source, keys: [KEY, CLIENT_KEY], port: 0, ...more });
  open.push(relay);
  await relay.listen();
  return relay;
}

async function positionOf(relay: Relay, key = KEY): Promise<string> {
  const response = await fetch(`${relay.url}/v1/snapshot`, { headers: { authorization: `Bearer ${key}` } });
  return /"(.*)"/.exec(response.headers.get('etag') ?? '')?.[1] ?? `${response.status}`;
}

async function reach(relay: Relay, position: string, key = KEY): Promise<void> {
  while ((await positionOf(relay, key)) !== position) await new Promise((resolve) => void setTimeout(resolve, 10));
}

async function bodyOf(relay: Relay, key = KEY): Promise<unknown> {
  const response = await fetch(`${relay.url}/v1/snapshot`, { headers: { authorization: `Bearer ${key}` } });
  return response.json();
}

async function resumes(relay: Relay): Promise<Record<string, number>> {
  const text = await (await fetch(`${relay.url}/metrics`, { headers: { authorization: `Bearer ${KEY}` } })).text();
  const counts = [...text.matchAll(/^flags_relay_resumes_total\{kind="(\w+)"\} (\d+)$/gm)];
  return Object.fromEntries(counts.map(([, kind, count]) => [kind, Number(count)]).filter(([, count]) => count));
}

const SEAL = { view: 'server', version: 3, root: 'r'.repeat(64), keyId: 'k1', signature: 'sig' } as const;

describe('a relay that follows another', () => {
  it('has its entries and positions, in every view, through every change', async () => {
    const origin = await start({ source: memorySource(ruleset(1, content)) });
    const source = memorySource(ruleset(1, content, [segment('s', 1, { client: true })]));
    const first = await start({ source });
    const region = await follow(first.relay.url);
    const pop = await follow(region.url);
    await pop.ready;
    const changes = [
      { version: 2, flags: { f1: flag('f1', 2, { enabled: false }) } },
      { version: 3, flags: { c1: null }, seals: [SEAL] },
      { version: 4, segments: { s: segment('s', 4, { include: ['u'] }) } },
      { version: 9 },
    ];
    for (const change of changes) source.apply(change);
    for (const key of [KEY, CLIENT_KEY]) {
      const position = await positionOf(first.relay, key);
      await reach(region, position, key);
      await reach(pop, position, key);
      expect(await bodyOf(pop, key)).toEqual(await bodyOf(first.relay, key));
    }
    expect(await positionOf(origin.relay)).not.toBe(await positionOf(pop));
  });

  it('lets clients move between any of them without a full sync, also into the middle of merged commits', async () => {
    const source = memorySource(ruleset(1, content));
    const first = await start({ source });
    const region = await follow(first.relay.url);
    const pop = await follow(region.url);
    await pop.ready;
    const held: string[] = [];
    const note = async (): Promise<void> => {
      held.push(await positionOf(first.relay));
    };
    await note();
    for (let version = 2; version <= 6; version += 1) {
      // One right after the other: the streams are sent them as one.
      source.apply({ version, flags: { f1: flag('f1', version, { note: `${version}` }) } });
      held.push(formatPosition(first.commits.at(-1)!.position));
    }
    await reach(pop, await positionOf(first.relay));
    const knowsAll = async (relay: Relay): Promise<boolean> => {
      const response = await fetch(`${relay.url}/v1/history`, { headers: { authorization: `Bearer ${KEY}` } });
      const { views } = (await response.json()) as { views: { server: unknown[] } };
      return views.server.length === 6;
    };
    while (!(await knowsAll(pop))) await new Promise((resolve) => void setTimeout(resolve, 10));
    for (const relay of [first.relay, region, pop]) {
      const before = await resumes(relay);
      for (const position of held) {
        const reader = await openStream(`${relay.url}/v1/stream`, {
          authorization: `Bearer ${KEY}`,
          'last-event-id': position,
        });
        open.push(reader);
        await reader.next();
      }
      const after = await resumes(relay);
      expect(after).toEqual({ ...before, delta: 5, current: (before['current'] ?? 0) + 1 });
    }
  });

  it('serves on while the upstream is down, with heartbeats, says so, and catches up when it is back', async () => {
    const source = memorySource(ruleset(1, content));
    const first = await start({ source });
    const port = Number(new URL(first.relay.url).port);
    const told: string[] = [];
    const region = await follow(first.relay.url, KEY, {
      heartbeatMs: 60,
      onBrokenSource: ([problem]) => told.push(problem?.message ?? ''),
      onMendedSource: () => told.push('mended'),
    });
    await region.ready;
    const flags = createClient({ url: region.url, key: KEY });
    onTestFinished(() => flags.close());
    await flags.ready();
    const reader = await openStream(`${region.url}/v1/stream`, { authorization: `Bearer ${KEY}` });
    open.push(reader);
    await first.relay.close();
    await until(() => told.length > 0);
    expect(told[0]).toContain('No connection');
    const ready = await (await fetch(`${region.url}/readyz`)).json();
    expect(ready).toMatchObject({ status: 'ready', stale: true, since: expect.any(String) });
    let beats = 0;
    while (beats < 3) if ((await reader.next()).message.type === 'HEARTBEAT') beats += 1;
    expect(flags.value('f1', false)).toBe(true);
    const changed = [...content.filter(({ key }) => key !== 'f1'), flag('f1', 2, { enabled: false })];
    const again = await start({ source: memorySource(ruleset(2, changed)), port });
    await until(() => !flags.value('f1', true));
    expect(told.at(-1)).toBe('mended');
    expect(await positionOf(region)).toBe(await positionOf(again.relay));
    expect(await (await fetch(`${region.url}/readyz`)).json()).not.toHaveProperty('stale');
  }, 20_000);

  it('starts before its upstream does', async () => {
    const first = await start();
    const port = Number(new URL(first.relay.url).port);
    await first.relay.close();
    const region = await follow(`http://127.0.0.1:${port}`);
    expect((await fetch(`${region.url}/readyz`)).status).toBe(503);
    await start({ port });
    await region.ready;
    expect((await fetch(`${region.url}/readyz`)).status).toBe(200);
  }, 20_000);

  it('with a client key has the client view alone, and nothing for server keys', async () => {
    const source = memorySource(ruleset(1, content));
    const first = await start({ source });
    const edge = await follow(first.relay.url, CLIENT_KEY);
    await edge.ready;
    source.apply({ version: 2, flags: { c1: null } });
    await reach(edge, await positionOf(first.relay, CLIENT_KEY), CLIENT_KEY);
    expect(await bodyOf(edge, CLIENT_KEY)).toEqual(await bodyOf(first.relay, CLIENT_KEY));
    const refused = await fetch(`${edge.url}/v1/snapshot`, { headers: { authorization: `Bearer ${KEY}` } });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ error: { code: 'CLIENT_KEYS_ONLY' } });
  });

  it('asks its upstream once when clients are ahead of it, however many they are', async () => {
    const first = await start();
    const way = await standBefore(first.relay.url);
    const streams = (): number => way.paths.filter((path) => path === '/v1/stream').length;
    const region = await follow(way.url);
    await region.ready;
    expect(streams()).toBe(1);
    const ahead = (await positionOf(region)).replace('.1.', '.7.');
    const asked = Array.from({ length: 20 }, () =>
      fetch(`${region.url}/v1/snapshot?since=${ahead}`, { headers: { authorization: `Bearer ${KEY}` } }),
    );
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 304));
    await until(() => streams() > 1);
    await new Promise((resolve) => void setTimeout(resolve, 200));
    expect(streams()).toBe(2);
  });

  it.each([
    ['itself', 1],
    ['one that follows it', 2],
  ])('that follows %s stays without flags, and quiet', async (_name, size) => {
    const ports: number[] = [];
    for (let index = 0; index < size; index += 1) {
      const { relay } = await start();
      ports.push(Number(new URL(relay.url).port));
      await relay.close();
    }
    const relays: Relay[] = [];
    for (const [index, port] of ports.entries()) {
      relays.push(await follow(`http://127.0.0.1:${ports[(index + 1) % size]}`, KEY, { port }));
    }
    await new Promise((resolve) => void setTimeout(resolve, 300));
    for (const relay of relays) {
      expect((await fetch(`${relay.url}/readyz`)).status).toBe(503);
      const text = await (await fetch(`${relay.url}/metrics`, { headers: { authorization: `Bearer ${KEY}` } })).text();
      const rejected = /rejects_total\{reason="NOT_READY"\} (\d+)/.exec(text)?.[1] ?? '0';
      expect(Number(rejected)).toBeLessThan(5);
    }
  });

  it('keeps an entry out whose content is not what its digest says, and nothing else', async () => {
    const forged = { ...flag('f1'), enabled: false };
    const first = await start({
      source: memorySource(ruleset(1, [...content.filter(({ key }) => key !== 'f1'), forged])),
    });
    const region = await follow(first.relay.url);
    await region.ready;
    expect(await positionOf(region)).toBe(await positionOf(first.relay));
    const { key, version, digest } = forged;
    expect(await bodyOf(region)).toMatchObject({ data: { ruleset: { flags: { f0: content[0] } } } });
    const { data } = (await bodyOf(region)) as { data: { ruleset: { flags: Record<string, unknown> } } };
    expect(data.ruleset.flags['f1']).toEqual({ key, version, digest });
  });

  it('refuses an address that is none', async () => {
    const source = upstreamSource({ url: 'flags.example.com', key: KEY });
    await expect(createRelay({ source, keys: [KEY] })).rejects.toThrow(RelayError);
  });
});
