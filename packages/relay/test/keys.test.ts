import { describe, expect, it } from 'vitest';
import { generateAdminKey, generateClientKey, generateServerKey } from '../src/index.ts';
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
