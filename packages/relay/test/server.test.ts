import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { formatPosition } from '@flags/sync';
import { describe, expect, it } from 'vitest';
import { createRelay, memorySource, RelayError } from '../src/index.ts';
import { ruleset } from './ruleset.ts';
import { CLIENT_KEY, KEY, open, start } from './start.ts';

describe('keys', () => {
  it.each([
    ['no key', '', {}, 401, 'KEY_MISSING'],
    ['another scheme', '', { authorization: `Basic ${KEY}` }, 401, 'KEY_MISSING'],
    ['an unknown key', '', { authorization: 'Bearer nobody' }, 401, 'KEY_UNKNOWN'],
    ['an unknown key in the URL', '?key=nobody', {}, 401, 'KEY_UNKNOWN'],
    ['a server key in the URL', `?key=${KEY}`, {}, 403, 'KEY_IN_URL'],
  ])('turns %s away with one line of reason', async (_name, query, headers, status, code) => {
    const { get } = await start();
    for (const path of ['/v1/stream', '/v1/snapshot']) {
      const response = await get(`${path}${query}`, headers);
      expect(response.status).toBe(status);
      const body = (await response.json()) as { error: { code: string; message: string } };
      expect(body.error.code).toBe(code);
      expect(body.error.message).toMatch(/^[^\n]{10,160}$/);
    }
  });

  it('are needed, and cannot hold spaces', async () => {
    const source = memorySource(ruleset(1, []));
    for (const keys of [[], ['a b']]) {
      await expect(createRelay({ source, keys })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    }
  });
});

describe('health', () => {
  it('is alive and ready with flags', async () => {
    const { get, commits } = await start();
    expect((await get('/healthz', {})).status).toBe(200);
    const ready = await get('/readyz', {});
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({
      status: 'ready',
      position: commits[0] && formatPosition(commits[0].position),
    });
  });

  it('is alive but not ready before the source has answered, and readers come back', async () => {
    const source = { ...memorySource(ruleset(1, [])), start: async () => {} };
    const { get, relay } = await start({ source });
    expect((await get('/healthz', {})).status).toBe(200);
    expect((await get('/readyz', {})).status).toBe(503);
    const response = await get('/v1/stream');
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    const first = await Promise.race([relay.ready.then(() => 'ready'), Promise.resolve('waiting')]);
    expect(first).toBe('waiting');
  });
});

describe('relay', () => {
  it('says that a port is in use, and can still be closed', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => void taken.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => taken.close() });
    const { port } = taken.address() as AddressInfo;
    const relay = await createRelay({ source: memorySource(ruleset(1, [])), keys: [KEY], port });
    open.push(relay);
    const failure = await relay.listen().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RelayError);
    expect(failure).toMatchObject({ code: 'PORT_IN_USE', message: expect.stringContaining(`Port ${port}`) });
  });

  it('says goodbye to every stream, refuses new ones, and closes', async () => {
    const { relay, stream, get } = await start();
    const readers = await Promise.all([stream(), stream()]);
    for (const reader of readers) await reader.next();
    const closed = relay.close();
    for (const reader of readers) {
      const { id, message } = await reader.change();
      expect(id).toBeUndefined();
      expect(message).toMatchObject({ type: 'GOODBYE', reason: 'drain', retry: true, windowMs: 2_000 });
      expect(await reader.ended()).toBe(true);
    }
    await closed;
    await relay.close();
    await expect(get('/healthz')).rejects.toThrow('fetch failed');
  });

  it('puts a prefix before all but the health routes', async () => {
    const { get } = await start({ prefix: '/sync' });
    expect((await get('/sync/v1/snapshot')).status).toBe(200);
    expect((await get('/v1/snapshot')).status).toBe(404);
    expect((await get('/healthz')).status).toBe(200);
  });

  it('answers what it cannot read in the form of all errors', async () => {
    const { relay } = await start();
    const [status, body] = await new Promise<readonly [number | undefined, string]>((resolve) => {
      request(`${relay.url}/v1/%zz?key=${KEY}`, (response) => {
        void text(response).then((read) => resolve([response.statusCode, read]));
      }).end();
    });
    expect(status).toBe(400);
    // Nothing of the URL, where a key may be.
    expect(JSON.parse(body)).toEqual({ error: { code: 'BAD_REQUEST', message: 'This request cannot be read.' } });
  });

  it('refuses a change that goes back, tells why, and goes on', async () => {
    const broken: string[] = [];
    const { source, commits } = await start({
      onBrokenSource: (problems) => broken.push(...problems.map((problem) => problem.message)),
    });
    source.replace(ruleset(0, []));
    expect(broken).toEqual([expect.stringContaining('went back from version 1')]);
    source.apply({ version: 2, flags: { f0: null } });
    expect(commits).toHaveLength(2);
  });

  it('outlives a listener that throws', async () => {
    const lines: string[] = [];
    const line = (_facts: object, message: string): void => void lines.push(message);
    const { stream, source } = await start({
      onCommit: () => {
        throw new Error('from the listener');
      },
      log: { info: line, warn: line, error: line },
    });
    const reader = await stream();
    await reader.next();
    source.apply({ version: 2, flags: { f0: null } });
    expect((await reader.change()).message).toMatchObject({ type: 'FLAG_UPDATE' });
    expect(lines).toContain('a listener of the relay threw');
  });

  it('logs no key, wherever a request has it', async () => {
    const lines: string[] = [];
    const line = (facts: object, message: string): void => void lines.push(`${message} ${JSON.stringify(facts)}`);
    const { get, relay } = await start({ log: { info: line, warn: line, error: line } });
    await get(`/v1/snapshot?key=${CLIENT_KEY}`, {});
    await get(`/v1/snapshot?key=${KEY}`, {});
    await get('/v1/snapshot');
    await get(`/v1/nothing/${KEY}`);
    await relay.close();
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('\n')).not.toMatch(new RegExp(`${KEY}|${CLIENT_KEY}`));
  });
});
