import { expect, test } from 'vitest';
import { cloudflareKv, cloudflareRestKv, edgeConfigKv, edgeConfigRestKv, redisKv } from '../src/index.ts';

test('Cloudflare KV is read and written below the prefix', async () => {
  const calls: unknown[][] = [];
  const call =
    (name: string) =>
    async (...rest: unknown[]): Promise<never> => {
      calls.push([name, ...rest]);
      return null as never;
    };
  const kv = cloudflareKv({ get: call('get'), put: call('put'), delete: call('delete') }, { prefix: 'shop/' });
  await kv.get('head');
  await kv.put?.('head', 'x');
  await kv.delete?.('head');
  expect(calls).toEqual([
    ['get', 'shop/head', { cacheTtl: 30 }],
    ['put', 'shop/head', 'x'],
    ['delete', 'shop/head'],
  ]);
  const reading = cloudflareKv({ get: call('get'), put: call('put'), delete: call('delete') }, { readOnly: true });
  expect(Object.keys(reading)).toEqual(['get']);
});

test('Edge Config is only read, with names it knows, as text or as JSON', async () => {
  const items: Record<string, unknown> = {
    flags_server_head: { position: 'e1.1.00000000' },
    flags_server_rs_e1_1_00000000: 'text',
  };
  const kv = edgeConfigKv({ get: async (key) => items[key] });
  expect(await kv.get('server/head')).toBe('{"position":"e1.1.00000000"}');
  expect(await kv.get('server/rs/e1.1.00000000')).toBe('text');
  expect(await kv.get('server/none')).toBeUndefined();
  expect(kv.put).toBeUndefined();
});

test('Redis over HTTP is given commands, with the token in a header only', async () => {
  const requests: { url: string; body: unknown; authorization: string | null; redirect: unknown }[] = [];
  let answer: Response = Response.json({ result: 'kept' });
  const kv = redisKv({
    url: 'https://redis.test',
    token: 'secret',
    fetch: async (url, { body, headers, redirect }) => {
      const authorization = new Headers(headers).get('authorization');
      requests.push({ url, body: JSON.parse(body as string), authorization, redirect });
      return answer.clone();
    },
  });
  expect(await kv.get('head')).toBe('kept');
  await kv.put?.('head', '"x"');
  await kv.delete?.('head');
  expect(requests.map(({ body }) => body)).toEqual([
    ['GET', 'flags/head'],
    ['SET', 'flags/head', '"x"'],
    ['DEL', 'flags/head'],
  ]);
  expect(requests[0]).toMatchObject({ url: 'https://redis.test', authorization: 'Bearer secret', redirect: 'manual' });
  answer = Response.json({ result: null });
  expect(await kv.get('head')).toBeUndefined();
  answer = Response.json({ error: 'WRONGPASS' }, { status: 401 });
  await expect(kv.get('head')).rejects.toThrow('status 401');
});

test('Cloudflare KV over its API keeps keys in their place, and tells what is missing from what failed', async () => {
  const requests: unknown[] = [];
  let answer = new Response('kept');
  const kv = cloudflareRestKv({
    account: 'acc',
    namespace: 'ns',
    token: 'secret',
    fetch: async (url, { method, headers, body }) => {
      requests.push([method, url, new Headers(headers).get('authorization'), body]);
      return answer.clone();
    },
  });
  expect(await kv.get('server/head')).toBe('kept');
  await kv.put?.('server/head', 'x');
  await kv.delete?.('../../other');
  const place = 'https://api.cloudflare.com/client/v4/accounts/acc/storage/kv/namespaces/ns/values/flags%2F';
  expect(requests).toEqual([
    ['GET', `${place}server%2Fhead`, 'Bearer secret', undefined],
    ['PUT', `${place}server%2Fhead`, 'Bearer secret', 'x'],
    ['DELETE', `${place}..%2F..%2Fother`, 'Bearer secret', undefined],
  ]);
  answer = new Response('no', { status: 404 });
  expect(await kv.get('head')).toBeUndefined();
  await expect(kv.put?.('head', 'x')).rejects.toThrow('no such store');
  answer = new Response('no', { status: 429 });
  await expect(kv.get('head')).rejects.toThrow('status 429');
});

test('Edge Config over its API is written under the names that it is read by', async () => {
  const requests: unknown[] = [];
  let answer = Response.json({ key: 'flags_server_head', value: 'kept' });
  const kv = edgeConfigRestKv({
    id: 'ecfg_1',
    token: 'secret',
    team: 'team_1',
    fetch: async (url, { method, headers, body }) => {
      requests.push([method, url, new Headers(headers).get('authorization'), body && JSON.parse(body as string)]);
      return answer.clone();
    },
  });
  expect(await kv.get('server/head')).toBe('kept');
  await kv.put?.('server/rs/e1.1.00000000', 'x');
  await kv.delete?.('server/rs/e1.1.00000000');
  const place = 'https://api.vercel.com/v1/edge-config/ecfg_1';
  const item = { key: 'flags_server_rs_e1_1_00000000' };
  expect(requests).toEqual([
    ['GET', `${place}/item/flags_server_head?teamId=team_1`, 'Bearer secret', undefined],
    [
      'PATCH',
      `${place}/items?teamId=team_1`,
      'Bearer secret',
      { items: [{ ...item, operation: 'upsert', value: 'x' }] },
    ],
    ['PATCH', `${place}/items?teamId=team_1`, 'Bearer secret', { items: [{ ...item, operation: 'delete' }] }],
  ]);
  answer = new Response('', { status: 404 });
  expect(await kv.get('head')).toBeUndefined();
  await expect(kv.put?.('head', 'x')).rejects.toThrow('no such store');
  answer = new Response('', { status: 403 });
  await expect(kv.get('head')).rejects.toThrow('status 403: the token is refused');
});
