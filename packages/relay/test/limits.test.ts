import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createRelay, memorySource } from '../src/index.ts';
import { createBuckets } from '../src/limits.ts';
import { ruleset } from './ruleset.ts';
import { CLIENT_KEY, KEY, start } from './start.ts';

const WRONG = { authorization: 'Bearer sk_nobody_nobody_nobody' };

describe('buckets', () => {
  it('hold a burst and refill at their rate, never beyond', () => {
    const buckets = createBuckets(10);
    const rate = { perSecond: 2, burst: 3 };
    const taken = (now: number): readonly number[] => [1, 2, 3, 4].map(() => buckets.take('a', rate, now));
    expect(taken(0)).toEqual([0, 0, 0, 500]);
    expect(taken(400)).toEqual([100, 100, 100, 100]);
    expect(taken(500)).toEqual([0, 500, 500, 500]);
    expect(taken(60_000)).toEqual([0, 0, 0, 500]);
    expect(buckets.take('b', rate, 60_000)).toBe(0);
    // A clock that is set back neither fills nor empties one.
    expect(buckets.take('a', rate, 0)).toBe(500);
  });

  it('are forgotten oldest first, so that no number of names fills the memory', () => {
    const buckets = createBuckets(2);
    const rate = { perSecond: 0.001, burst: 1 };
    for (const name of ['a', 'b', 'a', 'c']) buckets.take(name, rate, 0);
    expect(['a', 'c'].map((name) => buckets.take(name, rate, 0) > 0)).toEqual([true, true]);
    expect(buckets.take('b', rate, 0)).toBe(0);
  });
});

describe('rates', () => {
  it('let a whole fleet with one key and one address come back at once', async () => {
    const { get } = await start();
    for (let round = 0; round < 10; round += 1) {
      const all = await Promise.all(Array.from({ length: 50 }, () => get('/v1/snapshot')));
      expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    }
  });

  it('turn away with 429 and the time to wait, each key and each use for itself', async () => {
    const slow = { perSecond: 0.1, burst: 2 };
    const { get, relay } = await start({ limits: { requests: slow, connects: { perSecond: 0.1, burst: 1 } } });
    expect([(await get('/v1/snapshot')).status, (await get('/v1/snapshot')).status]).toEqual([200, 200]);
    const over = await get('/v1/snapshot');
    expect(over.status).toBe(429);
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(5);
    expect(Number(over.headers.get('retry-after'))).toBeLessThanOrEqual(10);
    expect(await over.json()).toMatchObject({ error: { code: 'RATE_LIMITED' } });
    expect((await get(`/v1/snapshot?key=${CLIENT_KEY}`, {})).status).toBe(200);
    const abort = new AbortController();
    const init = { headers: { authorization: `Bearer ${KEY}` }, signal: abort.signal };
    expect((await fetch(`${relay.url}/v1/stream`, init)).status).toBe(200);
    expect((await fetch(`${relay.url}/v1/stream`, init)).status).toBe(429);
    abort.abort();
    // An acknowledgement is always taken, and so is a scrape.
    const ack = await fetch(`${relay.url}/v1/ack`, { method: 'POST', headers: { authorization: `Bearer ${KEY}` } });
    expect(ack.status).toBe(202);
    expect((await get('/metrics')).status).toBe(200);
  });

  it('can be set for one key, or lifted', async () => {
    const key = { key: KEY, limits: { requests: false } } as const;
    const { get } = await start({ keys: [key, CLIENT_KEY], limits: { requests: { perSecond: 0.1, burst: 1 } } });
    const statuses = async (path: string, headers?: Record<string, string>): Promise<readonly number[]> => [
      (await get(path, headers)).status,
      (await get(path, headers)).status,
    ];
    expect(await statuses('/v1/snapshot')).toEqual([200, 200]);
    expect(await statuses(`/v1/snapshot?key=${CLIENT_KEY}`, {})).toEqual([200, 429]);
  });

  it('count wrong keys by address, and let the right ones behind it go on', async () => {
    const { get } = await start();
    const statuses: number[] = [];
    for (let count = 0; count < 6; count += 1) statuses.push((await get('/v1/snapshot', WRONG)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    const over = await get('/v1/stream', {});
    expect(over.status).toBe(429);
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await get('/v1/snapshot')).status).toBe(200);
  });

  it('believe a proxy about addresses only when told to', async () => {
    const last = async (trustProxy: readonly string[]): Promise<number> => {
      const { get } = await start({ trustProxy, limits: { failures: { perSecond: 0.01, burst: 1 } } });
      await get('/v1/snapshot', { ...WRONG, 'x-forwarded-for': '192.0.2.1' });
      return (await get('/v1/snapshot', { ...WRONG, 'x-forwarded-for': '192.0.2.2' })).status;
    };
    expect(await last([])).toBe(429);
    expect(await last(['198.51.100.0/24'])).toBe(429);
    expect(await last(['loopback'])).toBe(401);
  });

  it('count all of an IPv6 network as one', async () => {
    const { get } = await start({ trustProxy: ['loopback'], limits: { failures: { perSecond: 0.01, burst: 1 } } });
    const from = async (address: string): Promise<number> =>
      (await get('/v1/snapshot', { ...WRONG, 'x-forwarded-for': address })).status;
    expect(await from('2001:db8:1:2::1')).toBe(401);
    expect(await from('2001:db8:1:2:ffff::2')).toBe(429);
    expect(await from('2001:db8:1:3::1')).toBe(401);
  });

  it('are refused when they cannot be used, all at once', async () => {
    const relay = createRelay({
      source: memorySource(ruleset(1, [])),
      keys: [KEY],
      limits: { requests: { perSecond: 0, burst: 1 } },
      trustProxy: ['10.0.0.0/33'],
    });
    await expect(relay).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(/^limits\.requests\.perSecond 0 .*\ntrustProxy\[0\] "10\.0\.0\.0\/33" /),
    });
  });
});

describe('sizes', () => {
  it('are bounded for bodies, URLs and heads, in the form of all errors', async () => {
    const { relay, get } = await start();
    const body = await fetch(`${relay.url}/v1/evaluate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ context: { a: 'x'.repeat(70_000) } }),
    });
    expect([body.status, await body.json()]).toMatchObject([413, { error: { code: 'BODY_TOO_LARGE' } }]);
    const url = await get(`/v1/snapshot?since=${'x'.repeat(8_200)}`);
    expect([url.status, await url.json()]).toMatchObject([414, { error: { code: 'URL_TOO_LONG' } }]);
    const name = await fetch(`${relay.url}/ofrep/v1/evaluate/flags/${'x'.repeat(300)}`, { method: 'POST' });
    expect([name.status, await name.json()]).toMatchObject([414, { error: { code: 'URL_TOO_LONG' } }]);
    const [status, head] = await new Promise<readonly [number | undefined, string]>((resolve) => {
      request(`${relay.url}/healthz`, { headers: { 'x-long': 'x'.repeat(17_000) } }, (response) => {
        void text(response).then((read) => resolve([response.statusCode, read]));
      }).end();
    });
    expect([status, JSON.parse(head)]).toMatchObject([431, { error: { code: 'HEADERS_TOO_LARGE' } }]);
  });

  it('answers what is no HTTP and hangs up', async () => {
    const { relay } = await start();
    const socket = connect(Number(new URL(relay.url).port), '127.0.0.1', () => void socket.write('canary\r\n\r\n'));
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 [^]*"code":"BAD_REQUEST"/);
    expect(answer).not.toContain('canary');
  });
});
