import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { jsonLog } from '../src/json-log.ts';
import { createRelay, generateAdminKey, generateClientKey, generateServerKey, memorySource } from '../src/index.ts';
import type { RelayKey } from '../src/index.ts';
import { openStream } from './reader.ts';
import { ruleset } from './ruleset.ts';
import { start } from './start.ts';

const SERVER = generateServerKey();
const CLIENT = generateClientKey();
const ADMIN = generateAdminKey();

describe('what each kind of key opens', () => {
  it.each([
    // path, body, server, client, admin
    ['/v1/stream', undefined, 200, 200, 403],
    ['/v1/snapshot', undefined, 200, 200, 403],
    ['/v1/evaluate', {}, 200, 200, 403],
    ['/v1/ack', {}, 202, 202, 403],
    ['/v1/events', {}, 400, 400, 403],
    ['/ofrep/v1/evaluate/flags', {}, 200, 200, 403],
    ['/ofrep/v1/evaluate/flags/public', {}, 200, 200, 403],
    ['/metrics', undefined, 200, 403, 200],
    ['/healthz', undefined, 200, 200, 200],
    ['/readyz', undefined, 200, 200, 200],
  ])('%s', async (path, body, server, client, admin) => {
    const { relay } = await start({ keys: [SERVER, CLIENT, ADMIN] });
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const statusOf = async (key: string): Promise<number> => {
      const abort = new AbortController();
      const response = await fetch(`${relay.url}${path}`, {
        ...init,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        signal: abort.signal,
      });
      abort.abort();
      return response.status;
    };
    expect([await statusOf(SERVER), await statusOf(CLIENT), await statusOf(ADMIN)]).toEqual([server, client, admin]);
  });

  it('keeps an admin key out of URLs', async () => {
    const { get } = await start({ keys: [ADMIN] });
    const response = await get(`/metrics?key=${ADMIN}`, {});
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: 'KEY_IN_URL' } });
  });
});

// In their own time, and before the relays of a test are closed.
afterEach(() => void vi.useRealTimers());

const PAST = '2020-01-01T00:00:00Z';
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toISOString();
const sha256 = createHash('sha256').update(SERVER).digest('hex');

async function codeOf(response: Response): Promise<unknown> {
  const body = (await response.json()) as { readonly error?: { readonly code: string } };
  return response.ok ? response.status : body.error?.code;
}

describe('keys with terms', () => {
  const get = async (keys: readonly (string | RelayKey)[], key: string): Promise<unknown> => {
    const started = await start({ keys });
    return codeOf(await started.get('/v1/snapshot', { authorization: `Bearer ${key}` }));
  };

  it('are let in by their hash alone', async () => {
    expect(await get([{ sha256, kind: 'server' }], SERVER)).toBe(200);
    expect(await get([{ sha256: sha256.toUpperCase(), kind: 'server' }], SERVER)).toBe(200);
    expect(await get([{ sha256, kind: 'server' }], `${SERVER}x`)).toBe('KEY_UNKNOWN');
    expect(await get([{ sha256, kind: 'server' }], sha256)).toBe('KEY_UNKNOWN');
  });

  it('open nothing before and after their time', async () => {
    expect(await get([{ key: SERVER, notBefore: PAST, expiresAt: '2999-01-01T00:00:00+02:00' }], SERVER)).toBe(200);
    expect(await get([{ key: SERVER, expiresAt: PAST }], SERVER)).toBe('KEY_EXPIRED');
    expect(await get([{ key: SERVER, notBefore: '2999-01-01T00:00:00Z' }], SERVER)).toBe('KEY_EARLY');
  });

  it('expire while the relay runs', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { get } = await start({ keys: [{ key: SERVER, expiresAt: inSeconds(60) }] });
    vi.setSystemTime(Date.now() + 59_999);
    expect(await codeOf(await get('/v1/snapshot', { authorization: `Bearer ${SERVER}` }))).toBe(200);
    vi.setSystemTime(Date.now() + 1);
    expect(await codeOf(await get('/v1/snapshot', { authorization: `Bearer ${SERVER}` }))).toBe('KEY_EXPIRED');
  });

  it('are named in the log when they are refused or have ended, so that their owners can be found', async () => {
    const lines: unknown[] = [];
    const log = jsonLog({ write: (line) => void lines.push(JSON.parse(line)) });
    const holder = { keyId: sha256.slice(0, 12), keyName: 'checkout' };
    const { get, relay } = await start({ keys: [{ key: SERVER, name: 'checkout', expiresAt: PAST }, CLIENT], log });
    await get('/v1/snapshot', { authorization: `Bearer ${SERVER}` });
    expect(lines).toContainEqual(expect.objectContaining({ ...holder, code: 'KEY_EXPIRED', status: 401 }));
    relay.setKeys([{ key: SERVER, name: 'checkout' }, CLIENT]);
    relay.setKeys([CLIENT]);
    expect(lines).toContainEqual(expect.objectContaining({ ...holder, end: 'revoked' }));
    expect(JSON.stringify(lines)).not.toContain(SERVER);
    expect(JSON.stringify(lines)).not.toContain(sha256);
  });

  it('open nothing when a public key was hashed as a secret one', async () => {
    const hash = createHash('sha256').update(CLIENT).digest('hex');
    expect(await get([{ sha256: hash, kind: 'server' }], CLIENT)).toBe('KEY_KIND');
  });

  it('are replaced while the relay runs, all or none', async () => {
    const { relay, get } = await start({ keys: [SERVER] });
    const old = { authorization: `Bearer ${SERVER}` };
    const next = generateServerKey();
    relay.setKeys([next, { key: SERVER, expiresAt: '2999-01-01T00:00:00Z' }]);
    expect((await get('/v1/snapshot', old)).status).toBe(200);
    relay.setKeys([next]);
    expect(await codeOf(await get('/v1/snapshot', old))).toBe('KEY_UNKNOWN');
    expect(() => relay.setKeys([{ sha256 }])).toThrow(/keys\[0\] .*kind/);
    expect((await get('/v1/snapshot', { authorization: `Bearer ${next}` })).status).toBe(200);
  });

  it('end their streams of every kind when they are taken away, at once, and open no new one', async () => {
    // No heartbeat comes for a minute: nothing but the end of the key moves these streams.
    const { relay, stream, source } = await start({ keys: [SERVER, CLIENT], heartbeatMs: 60_000 });
    const auth = { authorization: `Bearer ${SERVER}` };
    const values = await openStream(`${relay.url}/v1/client/stream`, auth, { context: { targetingKey: 'u' } });
    const ended = [await stream('/v1/stream', auth), values];
    const notices = await fetch(`${relay.url}/ofrep/v1/stream`, { headers: auth });
    const kept = await stream('/v1/stream', { authorization: `Bearer ${CLIENT}` });
    for (const reader of [...ended, kept]) await reader.change();
    expect(relay.streams).toBe(4);
    relay.setKeys([CLIENT]);
    expect(relay.streams).toBe(1);
    for (const path of ['/v1/stream', '/v1/snapshot', '/ofrep/v1/stream']) {
      const response = await fetch(relay.url + path, { headers: auth });
      expect(response.status).toBe(401);
      expect(await response.text()).toContain('This key is unknown here');
    }
    source.apply({ version: 2, flags: { public: null } });
    expect((await kept.change()).message).toMatchObject({ position: { version: 2 } });
    for (const reader of ended) {
      expect((await reader.change()).message).toMatchObject({ type: 'GOODBYE', reason: 'revoked' });
      expect(await reader.ended()).toBe(true);
    }
    expect(await notices.text()).not.toContain('.2.');
  });

  it('end their streams when they expire, with a goodbye and nothing behind it', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    const keys = [CLIENT, { key: SERVER, expiresAt: inSeconds(60) }];
    const { relay, stream } = await start({ keys, heartbeatMs: 300_000 });
    const expiring = await stream('/v1/stream', { authorization: `Bearer ${SERVER}` });
    await expiring.change();
    await vi.advanceTimersByTimeAsync(59_999);
    expect(relay.streams).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(relay.streams).toBe(0);
    expect((await expiring.change()).message).toMatchObject({ type: 'GOODBYE', reason: 'revoked' });
    expect(await expiring.ended()).toBe(true);
  });

  it('may have so many streams at once', async () => {
    const { stream } = await start({ keys: [SERVER, { key: CLIENT, maxStreams: 1 }] });
    const open = async (key: string): Promise<number> =>
      (await stream('/v1/stream', { authorization: `Bearer ${key}` })).response.status;
    expect([await open(CLIENT), await open(CLIENT)]).toEqual([200, 429]);
    expect([await open(SERVER), await open(SERVER)]).toEqual([200, 200]);
  });

  it('may have expired before the start', async () => {
    const { get } = await start({ keys: [SERVER, { key: CLIENT, expiresAt: PAST }] });
    expect((await get('/v1/snapshot', { authorization: `Bearer ${SERVER}` })).status).toBe(200);
  });

  it.each([
    ['a key twice', [SERVER, { key: SERVER }], /^keys\[1\] is there twice/],
    ['neither key nor hash', [{ kind: 'server' }], /^keys\[0\] needs one of key and sha256/],
    ['a hash that is none', [{ sha256: 'abc', kind: 'server' }], /^keys\[0\]\.sha256 "abc" .*64 hex/],
    ['a slip in a name', [{ key: SERVER, expireAt: PAST }], /^keys\[0\]\.expireAt is not known .*"expiresAt"/],
    [
      'a time without an offset',
      [{ key: SERVER, expiresAt: '2030-01-31' }],
      /^keys\[0\]\.expiresAt "2030-01-31" .*offset/,
    ],
    [
      'a time that ends before it begins',
      [{ key: SERVER, notBefore: PAST, expiresAt: PAST }],
      /^keys\[0\] ends before/,
    ],
    ['a kind that its prefix denies', [{ key: CLIENT, kind: 'server' }], /^keys\[0\] has the prefix .*client/],
    ['origins of a server key', [{ key: SERVER, origins: ['https://a.example'] }], /^keys\[0\] has origins/],
    [
      'an origin with a path',
      [{ key: CLIENT, origins: ['https://a.example/'] }],
      /^keys\[0\]\.origins\[0\] .*without a path/,
    ],
    ['a limit without a burst', [{ key: CLIENT, limits: { connects: { perSecond: 1 } } }], /\.burst is missing/],
    ['a secret that could be guessed', ['sk_short'], /^keys\[0\] has 8 characters/],
  ] as const)('are refused with %s', async (_name, keys, message) => {
    const given = keys as readonly RelayKey[];
    const relay = createRelay({ source: memorySource(ruleset(1, [])), keys: given });
    await expect(relay).rejects.toMatchObject({ code: 'INVALID_OPTION', message: expect.stringMatching(message) });
  });

  it('are never quoted, and all problems are told at once', async () => {
    const keys: readonly (string | RelayKey)[] = ['canary one', { key: 'canary two' }, { key: 'sk_canary' }];
    const error: unknown = await createRelay({ source: memorySource(ruleset(1, [])), keys }).catch((e: unknown) => e);
    expect(String(error)).toMatch(/keys\[0\].*\n.*keys\[1\]\.key/);
    expect(String(error)).not.toContain('canary');
  });
});
