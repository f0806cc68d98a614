import { createHash } from 'node:crypto';
import { createClient } from '@flags/node';
import { describe, expect, it, onTestFinished } from 'vitest';
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
    expect((await fetch(`${relay.url}${url}`)).status).toBe(401);
    expect((await get(url, { authorization: `Bearer ${CLIENT_KEY}` })).status).toBe(404);
  });

  it('is sent as it is to everybody else, and a short one to all', async () => {
    const { stream } = await start({ source: long() });
    expect((await (await stream()).next()).message).toHaveProperty('ruleset');
    const short = await start();
    expect((await (await short.stream('/v1/stream', caps)).next()).message).toHaveProperty('ruleset');
  });

  it('is kept for the last few positions', async () => {
    const { stream, get } = await start({ source: long() });
    const { message } = await (await stream('/v1/stream', caps)).next();
    expect(message).toHaveProperty('ref');
    expect((await get('/v1/ruleset?position=e.9.00000000')).status).toBe(404);
    expect((await get('/v1/ruleset')).status).toBe(404);
  });

  it('reaches an SDK, and changes after it', async () => {
    const source = long();
    const { relay } = await start({ source });
    const flags = createClient({ url: relay.url, key: KEY });
    onTestFinished(() => flags.close());
    expect(await flags.ready({ timeoutMs: 5_000 })).toMatchObject({ source: 'network' });
    expect(flags.value('f999', false)).toBe(true);
    source.apply({ version: 2, flags: { f999: flag('f999', 2, { enabled: false }) } });
    await expect.poll(() => flags.value('f999', true)).toBe(false);
  });
});
