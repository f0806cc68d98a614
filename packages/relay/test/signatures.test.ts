import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createClient, verifyKeys } from '@flags/node';
import type { FlagClient, NodeClientOptions } from '@flags/node';
import type { Seal } from '@flags/core';
import { describe, expect, it } from 'vitest';
import type { MemorySource, Relay, RelayOptions } from '../src/index.ts';
import { createRelay, memorySource, RelayError, upstreamSource } from '../src/index.ts';
import { generateSigningKey } from '../src/sealer.ts';
import { directory } from './directory.ts';
import { flag, manyFlags, ruleset, segment } from './ruleset.ts';
import { CLIENT_KEY, KEY, open, start, until } from './start.ts';

const first = generateSigningKey();
const second = generateSigningKey();
const content = [...manyFlags(300), flag('public', 1, { client: true })];
const segments = [segment('s', 1, { include: ['u'] })];
const on = (version: number): ReturnType<typeof flag> => flag('f1', version);
const off = (version: number): ReturnType<typeof flag> => flag('f1', version, { fallthrough: { variation: 'off' } });

function source(): MemorySource {
  return memorySource(ruleset(1, content, segments));
}

async function follow(
  url: string,
  more: { verify?: string[] } & Partial<RelayOptions> = {},
  key = KEY,
): Promise<Relay> {
  const { verify, ...options } = more;
  const relay = await createRelay({
    source: upstreamSource({ url, key, settleMs: 10, ...(verify && { verifyKeys: verify }) }),
    keys: [KEY, CLIENT_KEY],
    port: 0,
    ...options,
  });
  open.push(relay);
  await relay.listen();
  return relay;
}

function pinned(url: string, keys: readonly string[], more: Partial<NodeClientOptions> = {}): FlagClient {
  const client = createClient({ url, key: KEY, verify: verifyKeys(keys), ...more });
  open.push(client);
  return client;
}

async function sealsOf(relay: Relay, key = KEY): Promise<readonly Seal[] | undefined> {
  const response = await fetch(`${relay.url}/v1/snapshot`, { headers: { authorization: `Bearer ${key}` } });
  const { data } = (await response.json()) as { data: { ruleset: { seals?: readonly Seal[] } } };
  return data.ruleset.seals;
}

/** Something on the way that edits what passes; everything else it does as a relay does. */
async function tamper(url: string, edit: (text: string) => string): Promise<string> {
  const server = createServer((request, response) => {
    void (async () => {
      const { authorization = '' } = request.headers;
      const since = request.headers['last-event-id'];
      const abort = new AbortController();
      response.on('close', () => abort.abort());
      const answer = await fetch(`${url}${request.url}`, {
        headers: { authorization, ...(typeof since === 'string' && { 'last-event-id': since }) },
        signal: abort.signal,
      });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
      const decoder = new TextDecoder();
      let text = '';
      for await (const bytes of answer.body ?? []) {
        text += decoder.decode(bytes as Uint8Array, { stream: true });
        const end = text.lastIndexOf('\n\n') + 2;
        if (end >= 2) response.write(edit(text.slice(0, end)));
        if (end >= 2) text = text.slice(end);
      }
      response.end(edit(text));
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('what an origin signs', { timeout: 30_000 }, () => {
  it('is verified behind two relays, through every kind of change, for both views', async () => {
    const flags = source();
    const origin = await start({ source: flags, signingKey: first.pem });
    const region = await follow(origin.relay.url);
    const pop = await follow(region.url, { verify: [first.publicKey] });
    await pop.ready;
    const server = pinned(pop.url, [first.publicKey]);
    const page = pinned(pop.url, [first.publicKey], { key: CLIENT_KEY });
    for (const client of [server, page]) expect(await client.ready()).toMatchObject({ source: 'network' });
    flags.apply({ version: 2, flags: { f1: off(2) } });
    await until(() => !server.value('f1', true));
    flags.apply({ version: 3, segments: { s: segment('s', 3, { include: ['v'] }) } });
    flags.apply({ version: 4, flags: { f2: null, public: flag('public', 4, { client: true, enabled: false }) } });
    await until(() => !page.value('public', true) && server.details('f2', true).errorCode === 'FLAG_NOT_FOUND');
    flags.replace(ruleset(5, [on(5), flag('public', 5, { client: true })]));
    await until(() => page.value('public', false) && server.value('f1', false));
    for (const client of [server, page]) {
      expect(client.status()).toMatchObject({ state: 'live', stale: false, drift: false, reason: undefined });
    }
    for (const key of [KEY, CLIENT_KEY]) {
      const seals = await sealsOf(origin.relay, key);
      expect(seals?.map(({ view }) => view)).toEqual(key === KEY ? ['server', 'client'] : ['client']);
      expect(await sealsOf(pop, key)).toEqual(seals);
    }
  });

  it('reaches a client by reference, and a relay that is fed with the client view alone', async () => {
    const many = Array.from({ length: 900 }, (_, index) => flag(`c${index}`, 1, { client: true }));
    const flags = memorySource(ruleset(1, [...many, flag('private')]));
    const origin = await start({ source: flags, signingKey: first.pem });
    const edge = await follow(origin.relay.url, { verify: [first.publicKey] }, CLIENT_KEY);
    const page = pinned(edge.url, [first.publicKey], { key: CLIENT_KEY });
    expect(await page.ready()).toMatchObject({ source: 'network' });
    // This one leaves the client's view alone: its position moves, and nothing is sent.
    flags.apply({ version: 2, flags: { private: flag('private', 2, { note: 'x' }) } });
    flags.apply({ version: 3, flags: { c7: flag('c7', 3, { client: true, enabled: false }) } });
    await until(() => !page.value('c7', true));
    expect(page.status()).toMatchObject({ stale: false, reason: undefined });
  });

  it.each([
    [
      'a flag',
      (text: string) => text.replaceAll('"fallthrough":{"variation":"on"}', '"fallthrough":{"variation":"off"}'),
    ],
    ['a flag that is gone', (text: string) => text.replace(/"f5":\{.*?\},"f6":/s, '"f6":')],
    ['the signature', (text: string) => text.replaceAll(/"signature":"./g, '"signature":"_')],
    [
      'the view',
      (text: string) =>
        text.replaceAll('"view":"client"', '"view":"server"').replace('"view":"server"', '"view":"client"'),
    ],
    ['the environment', (text: string) => text.replaceAll('"environment":"test"', '"environment":"other"')],
    ['every signature: none is left', (text: string) => text.replaceAll('"seals"', '"other"')],
  ])('is refused by client and relay when somebody on the way edits %s', async (_what, edit) => {
    const origin = await start({ source: source(), signingKey: first.pem });
    const url = await tamper(origin.relay.url, edit);
    const client = pinned(url, [first.publicKey]);
    expect(await client.ready({ timeoutMs: 2_000 })).toMatchObject({ source: undefined, reason: 'integrity' });
    expect(client.details('f1', true)).toMatchObject({ value: true, errorCode: 'PROVIDER_NOT_READY' });
    const told: string[] = [];
    const relay = await follow(url, {
      verify: [first.publicKey],
      onBrokenSource: (problems) => told.push(...problems.map(({ message }) => message)),
    });
    await until(() => told.some((text) => text.includes('cannot be trusted')));
    expect((await fetch(`${relay.url}/readyz`)).status).toBe(503);
  });

  it('keeps a client at what was verified last when a change is edited on the way', async () => {
    const flags = source();
    const origin = await start({ source: flags, signingKey: first.pem });
    const url = await tamper(origin.relay.url, (text) => text.replaceAll('"note":"mine"', '"note":"theirs"'));
    const client = pinned(url, [first.publicKey]);
    await client.ready();
    flags.apply({ version: 2, flags: { f1: off(2) } });
    await until(() => !client.value('f1', true));
    flags.apply({ version: 3, flags: { f1: flag('f1', 3, { note: 'mine' }) } });
    await until(() => client.status().reason === 'integrity');
    expect(client.value('f1', true)).toBe(false);
    expect(client.status()).toMatchObject({
      stale: true,
      message: expect.stringContaining('"f1" was changed') as string,
    });
  });

  it('passes from one key to another while both are pinned, and to none that is not', async () => {
    const folder = await directory();
    const snapshot = join(folder, 'kept.json');
    const before = await start({ source: source(), signingKey: first.pem, snapshot });
    const both = pinned(before.relay.url, [first.publicKey, second.publicKey]);
    const old = pinned(before.relay.url, [first.publicKey]);
    for (const client of [both, old]) await client.ready();
    const port = Number(new URL(before.relay.url).port);
    await before.relay.close();
    const flags = source();
    await start({ source: flags, signingKey: second.pem, snapshot, port });
    flags.apply({ version: 2, flags: { f1: off(2) } });
    await until(() => !both.value('f1', true));
    await until(() => old.status().reason === 'integrity');
    expect(old.value('f1', false)).toBe(true);
    expect(both.status().reason).toBeUndefined();
  });

  it('is asked of a kept file as well', async () => {
    const snapshot = join(await directory(), 'kept.json');
    const unsigned = await start({ source: source(), snapshot });
    const { url } = unsigned.relay;
    await unsigned.relay.close();
    const warned: string[] = [];
    const log = { info: () => {}, warn: (_facts: object, text: string) => void warned.push(text), error: () => {} };
    const relay = await follow(url, { verify: [first.publicKey], snapshot, log });
    expect((await fetch(`${relay.url}/readyz`)).status).toBe(503);
    expect(warned.join()).toContain('not signed');
    await relay.close();

    const signed = await start({ source: source(), snapshot, signingKey: first.pem });
    await signed.relay.close();
    const again = await follow(url, { verify: [first.publicKey], snapshot });
    expect((await fetch(`${again.url}/readyz`)).status).toBe(200);
  });

  it('is asked of a client’s cache and bootstrap, which are set aside with a word', async () => {
    const warned: string[] = [];
    const logger = { info: () => {}, warn: (text: string) => void warned.push(text) };
    const bootstrap = ruleset(1, content, segments);
    const offline = createClient({ mode: 'offline', bootstrap, logger, verify: verifyKeys([first.publicKey]) });
    expect(offline.snapshot()).toBeUndefined();
    const origin = await start({ source: source(), signingKey: first.pem });
    const cache = join(await directory(), 'cache.json');
    const writer = pinned(origin.relay.url, [first.publicKey], { cache });
    await writer.ready();
    await writer.close();
    await origin.relay.close();
    const restarted = pinned(origin.relay.url, [first.publicKey], { cache });
    expect(restarted.value('f1', false)).toBe(true);
    expect(restarted.status().source).toBe('cache');
    const stranger = pinned(origin.relay.url, [second.publicKey], { cache, logger });
    expect(stranger.snapshot()).toBeUndefined();
    expect(warned).toEqual([
      expect.stringContaining('The bootstrap is not used'),
      expect.stringContaining('The cache is not used'),
    ]);
  });

  it('needs a key that can sign, and flags that begin here', async () => {
    const failed = (options: Partial<RelayOptions>): Promise<unknown> =>
      createRelay({ source: source(), keys: [KEY], ...options }).catch((error: unknown) => error);
    await expect(failed({ signingKey: 'nonsense' })).resolves.toBeInstanceOf(RelayError);
    const copy = upstreamSource({ url: 'http://127.0.0.1:9', key: KEY });
    await expect(failed({ signingKey: first.pem, source: copy })).resolves.toMatchObject({ code: 'INVALID_OPTION' });
    expect(() => upstreamSource({ url: 'http://127.0.0.1:9', key: KEY, verifyKeys: ['x'] })).toThrow(RelayError);
  });
});
