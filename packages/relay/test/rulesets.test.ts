import { createHash } from 'node:crypto';
import type { Ruleset } from '@flags/core';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../src/index.ts';
import { flag, manyFlags, ruleset } from './ruleset.ts';
import { CLIENT_KEY, KEY, start } from './start.ts';

const auth = { authorization: `Bearer ${KEY}` };
const caps = { ...auth, 'x-flags-caps': 'ref' };
const long = (): ReturnType<typeof memorySource> => memorySource(ruleset(1, manyFlags(1_000)));

describe('a long ruleset', () => {
  it('is named to who can fetch it, and sent byte for byte as named', async () => {
    const { stream, get, relay } = await start({ source: long(), prefix: '/sync' });
    const { message } = await (await stream('/sync/v1/stream', caps)).next();
    if (message.type !== 'FULL_SYNC' || !('ref' in message)) throw new Error('the ruleset is not named');
    const { url, bytes, sha256 } = message.ref;
    expect(url).toMatch(/^\/sync\/v1\/ruleset\?position=/);
    const response = await get(url);
    const body = Buffer.from(await response.arrayBuffer());
    expect(body.length).toBe(bytes);
    expect(createHash('sha256').update(body).digest('hex')).toBe(sha256);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(response.headers.get('cache-control')).toBe('private, max-age=31536000, immutable');
    const tagFor = async (encoding: string): Promise<string | null> =>
      (await get(url, { ...auth, 'accept-encoding': encoding })).headers.get('etag');
    const tag = `"${url.slice(url.indexOf('=') + 1)}"`;
    expect([await tagFor('identity'), await tagFor('br')]).toEqual([tag, `W/${tag}`]);
    expect((await fetch(`${relay.url}${url}`)).status).toBe(401);
    expect((await get(url, { authorization: `Bearer ${CLIENT_KEY}` })).status).toBe(404);
  });

  it('is sent as it is to everybody else, and a short one to all', async () => {
    const { stream } = await start({ source: long() });
    expect((await (await stream()).next()).message).toHaveProperty('ruleset');
    const short = await start();
    expect((await (await short.stream('/v1/stream', caps)).next()).message).toHaveProperty('ruleset');
  });

  it('is one of more than 256 KiB', async () => {
    const withNote = (length: number): Ruleset => ruleset(1, [flag('f', 1, { note: 'x'.repeat(length) })]);
    const longest = 256 * 1024 - JSON.stringify(withNote(0)).length;
    const first = async (length: number): Promise<unknown> => {
      const { stream } = await start({ source: memorySource(withNote(length)) });
      return (await (await stream('/v1/stream', caps)).next()).message;
    };
    expect(await first(longest)).toHaveProperty('ruleset');
    expect(await first(longest + 1)).toHaveProperty('ref.bytes', 256 * 1024 + 1);
  });

  it('is kept for the last four positions that were named, and no longer', async () => {
    const source = long();
    const { stream, get } = await start({ source });
    const named: string[] = [];
    for (let version = 2; version <= 6; version += 1) {
      source.apply({ version, flags: { f0: flag('f0', version, { note: `${version}` }) } });
      const reader = await stream('/v1/stream', caps);
      const { message } = await reader.next();
      if (message.type !== 'FULL_SYNC' || !('ref' in message)) throw new Error('the ruleset is not named');
      named.push(message.ref.url);
      reader.close();
    }
    const answers = await Promise.all(named.map((url) => get(url)));
    expect(answers.map(({ status }) => status)).toEqual([404, 200, 200, 200, 200]);
    expect(await answers[0]?.json()).toMatchObject({ error: { code: 'POSITION_GONE' } });
    expect(await answers[1]?.json()).toMatchObject({ version: 3, flags: { f0: { version: 3 } } });
    expect((await get('/v1/ruleset?position=e.9.00000000')).status).toBe(404);
    expect((await get('/v1/ruleset')).status).toBe(404);
  });
});
