import { describe, expect, it } from 'vitest';
import type { RelayOptions } from '../src/index.ts';
import type { Started } from './start.ts';
import { CLIENT_KEY, KEY, start } from './start.ts';

const SHOP = 'https://shop.example';
const BLOG = 'https://blog.example';
const EVIL = 'https://evil.example';
const BLOG_KEY = 'ck_blog';
const BROWSERS: Partial<RelayOptions> = {
  keys: [KEY, { key: CLIENT_KEY, origins: [SHOP] }, { key: BLOG_KEY, origins: [BLOG, 'http://localhost:5173'] }],
};

function preflight({ relay }: Started, origin: string, path = '/v1/snapshot'): Promise<Response> {
  const headers = { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' };
  return fetch(`${relay.url}${path}`, { method: 'OPTIONS', headers });
}

function from(origin: string, key: string): Readonly<Record<string, string>> {
  return { origin, authorization: `Bearer ${key}` };
}

const allowed = ({ headers }: Response): string | null => headers.get('access-control-allow-origin');

describe('pages of other origins', () => {
  it.each(['/v1/snapshot', '/v1/stream', '/ofrep/v1/evaluate/flags'])(
    'ask first for %s, without a key',
    async (path) => {
      const started = await start(BROWSERS);
      for (const origin of [SHOP, BLOG, 'http://localhost:5173']) {
        const response = await preflight(started, origin, path);
        expect(response.status).toBe(204);
        expect(allowed(response)).toBe(origin);
        expect(response.headers.get('vary')).toContain('Origin');
        expect(response.headers.get('access-control-max-age')).toBe('7200');
        expect(response.headers.get('access-control-allow-methods')).toBe('GET, POST');
        expect(response.headers.get('access-control-allow-headers')).toMatch(/Authorization.*Last-Event-ID/);
        expect(response.headers.has('access-control-allow-credentials')).toBe(false);
      }
      expect(allowed(await preflight(started, EVIL, path))).toBeNull();
    },
  );

  it('read with a key that lists them, and with no other', async () => {
    const { get } = await start(BROWSERS);
    const good = await get('/v1/snapshot', from(SHOP, CLIENT_KEY));
    expect([good.status, allowed(good)]).toEqual([200, SHOP]);
    expect(good.headers.get('vary')).toBe('Authorization, Accept-Encoding, Origin');
    expect(good.headers.get('access-control-expose-headers')).toBe('ETag, Retry-After');
    for (const [origin, key] of [
      [BLOG, CLIENT_KEY],
      [EVIL, CLIENT_KEY],
      [SHOP, BLOG_KEY],
    ] as const) {
      const refused = await get('/v1/snapshot', from(origin, key));
      expect([refused.status, allowed(refused)]).toEqual([403, null]);
      expect(await refused.json()).toMatchObject({ error: { code: 'ORIGIN_NOT_ALLOWED' } });
    }
    // What is no page has no origin.
    expect((await get('/v1/snapshot', { authorization: `Bearer ${CLIENT_KEY}` })).status).toBe(200);
  });

  it('never read with a server key', async () => {
    const { get } = await start(BROWSERS);
    expect(allowed(await get('/v1/snapshot', from(SHOP, KEY)))).toBeNull();
  });

  it('read streams', async () => {
    const { stream } = await start(BROWSERS);
    const { response } = await stream('/v1/stream', from(SHOP, CLIENT_KEY));
    expect([response.status, allowed(response)]).toEqual([200, SHOP]);
    expect(response.headers.get('vary')).toBe('Authorization, Origin');
    const refused = await stream('/v1/stream', from(EVIL, CLIENT_KEY));
    expect(refused.response.status).toBe(403);
  });

  it('see why they are turned away', async () => {
    const { get } = await start(BROWSERS);
    const wrong = await get('/v1/snapshot', from(SHOP, 'ck_wrong'));
    expect([wrong.status, allowed(wrong)]).toEqual([401, SHOP]);
    expect(allowed(await get('/v1/snapshot', from(EVIL, 'ck_wrong')))).toBeNull();
  });

  it('read with keys that have no list by the list of the relay, or by none', async () => {
    const closed = await start();
    expect((await preflight(closed, SHOP)).status).toBe(404);
    const ordinary = await closed.get('/v1/snapshot', from(SHOP, CLIENT_KEY));
    expect([ordinary.status, allowed(ordinary)]).toEqual([200, null]);
    const { get } = await start({ origins: [SHOP] });
    expect(allowed(await get('/v1/snapshot', from(SHOP, CLIENT_KEY)))).toBe(SHOP);
    expect((await get('/v1/snapshot', from(EVIL, CLIENT_KEY))).status).toBe(403);
    const open = await start({ origins: ['*'] });
    expect(allowed(await open.get('/v1/snapshot', from(EVIL, CLIENT_KEY)))).toBe(EVIL);
    expect(allowed(await open.get('/v1/snapshot', from(EVIL, KEY)))).toBeNull();
  });

  it('follow a change of keys', async () => {
    const started = await start(BROWSERS);
    started.relay.setKeys([{ key: CLIENT_KEY, origins: [BLOG] }]);
    expect(allowed(await preflight(started, SHOP))).toBeNull();
    expect(allowed(await started.get('/v1/snapshot', from(BLOG, CLIENT_KEY)))).toBe(BLOG);
  });
});

describe('every answer', () => {
  it('is nothing that a browser runs, frames or guesses at', async () => {
    const { get, stream, relay } = await start();
    const { response } = await stream();
    const answers = [
      response,
      await get('/v1/snapshot'),
      await get('/v1/snapshot', {}),
      await get('/nothing'),
      await get('/healthz'),
      await get('/metrics'),
      await fetch(`${relay.url}/v1/ack`, { method: 'POST', headers: { authorization: `Bearer ${KEY}` } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 404, 200, 200, 202]);
    for (const { headers } of answers) {
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    }
  });
});
