import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A server that behaves like the API of a store. */
export interface StoreServer {
  readonly url: string;
  /** What it keeps, by key. */
  readonly entries: Map<string, string>;
  /** Each request: method and path, or the command. */
  readonly calls: string[];
  /** What it answers with instead, while set. */
  status: number | undefined;
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly at: number;
}

type Reply = readonly [status: number, body?: unknown];
type Behaviour = (asked: Asked, server: StoreServer) => Reply;

/** The token that every server takes. */
export const TOKEN = 'canary-token-of-a-store';

async function start(behave: Behaviour): Promise<StoreServer> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const [status, answer = ''] =
        store.status !== undefined
          ? [store.status, { error: TOKEN }]
          : headers.authorization !== `Bearer ${TOKEN}`
            ? [401, { error: 'unauthorized' }]
            : behave({ method, path, body, at: performance.now() }, store);
      response.writeHead(status).end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const store: StoreServer = { url, entries: new Map(), calls: [], status: undefined };
  return store;
}

/** Cloudflare's API for KV: a key is written once a second at most. */
export function startCloudflare(): Promise<StoreServer> {
  const writtenAt = new Map<string, number>();
  return start(({ method, path, body, at }, { entries, calls }) => {
    const [, key = ''] = /^\/accounts\/acc\/storage\/kv\/namespaces\/ns\/values\/([^/]+)$/.exec(path) ?? [];
    calls.push(`${method} ${decodeURIComponent(key)}`);
    if (key === '') return [404, { success: false }];
    const name = decodeURIComponent(key);
    if (method === 'GET') return entries.has(name) ? [200, entries.get(name)] : [404, { success: false }];
    if (method === 'DELETE') return [entries.delete(name) ? 200 : 404, { success: true }];
    // A timer may fire a little early as this clock has it.
    if (at - (writtenAt.get(name) ?? -Infinity) < 990) return [429, { success: false }];
    writtenAt.set(name, at);
    entries.set(name, body);
    return [200, { success: true }];
  });
}

/** Redis over HTTP as Upstash has it. */
export function startRedis(): Promise<StoreServer> {
  return start(({ method, path, body }, { entries, calls }) => {
    const [command = '', key = '', value = ''] = JSON.parse(body) as readonly string[];
    calls.push(`${command} ${key}`);
    if (method !== 'POST' || path !== '/') return [404, { error: 'ERR' }];
    if (command === 'GET') return [200, { result: entries.get(key) ?? null }];
    if (command === 'DEL') return [200, { result: entries.delete(key) ? 1 : 0 }];
    if (command !== 'SET') return [400, { error: 'ERR unknown command' }];
    entries.set(key, value);
    return [200, { result: 'OK' }];
  });
}

interface Item {
  readonly operation: string;
  readonly key: string;
  readonly value?: string;
}

/** Vercel's API for Edge Config: keys are letters, digits, - and _. */
export function startEdgeConfig(): Promise<StoreServer> {
  return start(({ method, path, body }, { entries, calls }) => {
    calls.push(`${method} ${path}`);
    const [, key = ''] = /^\/v1\/edge-config\/ecfg_1\/item\/([^/?]+)\?teamId=team_1$/.exec(path) ?? [];
    if (method === 'GET' && key !== '')
      return entries.has(key) ? [200, { key, value: entries.get(key) }] : [404, { error: { code: 'not_found' } }];
    if (method !== 'PATCH' || path !== '/v1/edge-config/ecfg_1/items?teamId=team_1') return [404, {}];
    const { items } = JSON.parse(body) as { readonly items: readonly Item[] };
    if (items.some((item) => !/^[\w-]{1,256}$/.test(item.key))) return [400, { error: { code: 'bad_request' } }];
    for (const item of items) {
      if (item.operation === 'upsert') entries.set(item.key, item.value ?? '');
      else entries.delete(item.key);
    }
    return [200, { status: 'ok' }];
  });
}
