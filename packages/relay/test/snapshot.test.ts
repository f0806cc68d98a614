import { formatPosition } from '@flags/sync';
import { describe, expect, it } from 'vitest';
import { EPOCH } from './ruleset.ts';
import { KEY, start } from './start.ts';

describe('GET /v1/snapshot', () => {
  it('answers with everything and the position as its ETag', async () => {
    const { get, commits } = await start();
    const response = await get('/v1/snapshot');
    expect(response.status).toBe(200);
    const position = commits[0] && formatPosition(commits[0].position);
    expect(response.headers.get('etag')).toBe(`"${position}"`);
    expect(await response.json()).toMatchObject({
      event: 'FULL_SYNC',
      data: { position, ruleset: { flags: { f0: {} }, segments: { s: {} } } },
    });
  });

  it.each([
    ['the ETag', (tag: string) => tag],
    ['a weak one, as a compressing proxy makes it', (tag: string) => `W/${tag}`],
    ['one of several', (tag: string) => `"other", W/${tag}`],
    ['one of an earlier version with the same content', (tag: string) => tag.replace('.1.', '.0.')],
  ])('answers 304 to %s', async (_name, change) => {
    const { get } = await start();
    const etag = (await get('/v1/snapshot')).headers.get('etag') ?? '';
    const response = await get('/v1/snapshot', { authorization: `Bearer ${KEY}`, 'if-none-match': change(etag) });
    expect(response.status).toBe(304);
    expect(await response.text()).toBe('');
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
});
