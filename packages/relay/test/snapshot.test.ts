import { formatPosition } from '@flags/sync';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EPOCH } from './ruleset.ts';
import { CLIENT_KEY, KEY, start } from './start.ts';

describe('GET /v1/snapshot', () => {
  it('answers with everything and the position as its ETag', async () => {
    const { get, commits } = await start();
    const response = await get('/v1/snapshot');
    expect(response.status).toBe(200);
    const position = commits[0] && formatPosition(commits[0].position);
    expect(response.headers.get('etag')).toBe(`W/"${position}"`);
    expect(await response.json()).toMatchObject({
      event: 'FULL_SYNC',
      data: { position, ruleset: { flags: { f0: {} }, segments: { s: {} } } },
    });
  });

  it.each([
    ['the ETag', (tag: string) => tag],
    ['a strong one, of the same as it is', (tag: string) => tag.slice(2)],
    ['one of several', (tag: string) => `"other", ${tag}`],
    ['one of an earlier version with the same content', (tag: string) => tag.replace('.1.', '.0.')],
  ])('answers 304 to %s', async (_name, change) => {
    const { get } = await start();
    const etag = (await get('/v1/snapshot')).headers.get('etag') ?? '';
    const response = await get('/v1/snapshot', { authorization: `Bearer ${KEY}`, 'if-none-match': change(etag) });
    expect(response.status).toBe(304);
    expect(await response.text()).toBe('');
  });

  it('gives bytes as they are a strong ETag, what may be compressed a weak one, and a 304 that of its 200', async () => {
    const { get } = await start();
    const tags: unknown[] = [];
    for (const encoding of ['identity', 'gzip', 'br', 'br;q=0, gzip;q=0']) {
      const headers = { authorization: `Bearer ${KEY}`, 'accept-encoding': encoding };
      const tag = (await get('/v1/snapshot', headers)).headers.get('etag') ?? '';
      tags.push(tag.slice(0, 3));
      const strong = tag.replace('W/', '');
      for (const held of [strong, `W/${strong}`]) {
        const again = await get('/v1/snapshot', { ...headers, 'if-none-match': held });
        expect([again.status, again.headers.get('etag')]).toEqual([304, tag]);
      }
    }
    expect(tags).toEqual(['"01', 'W/"', 'W/"', '"01']);
    const gone = await get(`/v1/snapshot?to=${EPOCH}.9.00000000`);
    expect([gone.status, gone.headers.get('etag')]).toEqual([404, null]);
  });

  it('answers in full to another ETag', async () => {
    const { get, source } = await start();
    const etag = (await get('/v1/snapshot')).headers.get('etag') ?? '';
    source.apply({ version: 2, flags: { f0: null } });
    const response = await get('/v1/snapshot', { authorization: `Bearer ${KEY}`, 'if-none-match': etag });
    expect(response.status).toBe(200);
  });

  it('answers with the delta since a position, and 304 when there is none', async () => {
    const { get, source, commits } = await start();
    const since = commits[0] && formatPosition(commits[0].position);
    expect((await get(`/v1/snapshot?since=${since}`)).status).toBe(304);
    source.apply({ version: 2, flags: { f0: null } });
    const response = await get(`/v1/snapshot?since=${since}`);
    expect(await response.json()).toMatchObject({ event: 'FLAG_UPDATE', data: { from: since, flags: { f0: null } } });
    expect((await get(`/v1/snapshot?since=${EPOCH}.9.00000000`)).status).toBe(304);
  });

  it.each([
    ['server', KEY, 'private, max-age=0, stale-if-error=86400'],
    ['client', CLIENT_KEY, 'public, max-age=5, stale-while-revalidate=30, stale-if-error=86400'],
  ])('tells caches how to keep what a %s key is shown', async (_name, key, caching) => {
    const { get } = await start();
    const { headers } = await get('/v1/snapshot', { authorization: `Bearer ${key}` });
    expect(headers.get('cache-control')).toBe(caching);
    expect(headers.get('vary')).toBe('Authorization, Accept-Encoding, Origin');
  });

  it('answers between two positions for ever, and not once the head is another', async () => {
    const { get, source, commits } = await start();
    const [since = ''] = commits.map(({ position }) => formatPosition(position));
    source.apply({ version: 2, flags: { f0: null } });
    const to = commits[1] && formatPosition(commits[1].position);
    const path = `/v1/snapshot?since=${since}&to=${to}`;
    const response = await get(path);
    expect(response.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    expect(await response.json()).toMatchObject({ event: 'FLAG_UPDATE', data: { from: since, position: to } });
    source.apply({ version: 3, flags: { f1: null } });
    const gone = await get(path);
    expect(gone.status).toBe(404);
    expect(gone.headers.get('cache-control')).toBe('no-store');
    expect(await gone.json()).toMatchObject({ error: { code: 'POSITION_GONE' } });
  });

  it.each([
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['br;q=0, *', 'gzip'],
    ['br;q=0, gzip;q=0', undefined],
    ['identity', undefined],
  ])('compresses for "%s": %s', async (accepted, encoding) => {
    const { relay } = await start();
    const headers = { authorization: `Bearer ${KEY}`, 'accept-encoding': accepted };
    const plain = await fetch(`${relay.url}/v1/snapshot`, { headers: { ...headers, 'accept-encoding': 'identity' } });
    const response = await fetch(`${relay.url}/v1/snapshot`, { headers });
    expect(response.headers.get('content-encoding') ?? undefined).toBe(encoding);
    expect(await response.text()).toBe(await plain.text());
    if (encoding !== undefined) {
      expect(Number(response.headers.get('content-length'))).toBeLessThan(
        Number(plain.headers.get('content-length')) / 2,
      );
    }
  });

  it('is written and compressed once, however many connect and poll at the same time', async () => {
    const { stream, relay } = await start();
    const written = vi.spyOn(JSON, 'stringify');
    onTestFinished(() => written.mockRestore());
    const polls = Array.from({ length: 250 }, async () => {
      const headers = { authorization: `Bearer ${KEY}`, 'accept-encoding': 'gzip' };
      return (await fetch(`${relay.url}/v1/snapshot`, { headers })).text();
    });
    const streams = Array.from({ length: 250 }, async () => (await (await stream()).next()).message.type);
    expect(new Set(await Promise.all(polls)).size).toBe(1);
    expect(new Set(await Promise.all(streams))).toEqual(new Set(['FULL_SYNC']));
    const syncs = written.mock.calls.filter(([value]) => {
      const data = (value as { readonly data?: object } | null)?.data ?? value;
      return typeof data === 'object' && data !== null && 'ruleset' in data;
    });
    // One for streams, one for polls.
    expect(syncs).toHaveLength(2);
  });
});
