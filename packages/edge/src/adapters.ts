import type { EdgeKv } from './kv.ts';
import type { Fetch } from './transport.ts';

/** How keys of a store begin. */
export interface KvOptions {
  /** Put before every key; `flags/` by default. One for each environment that shares a store. */
  readonly prefix?: string;
}

/** A namespace of Cloudflare KV, as a Worker has it bound. */
export interface CloudflareNamespace {
  get(key: string, options: { readonly cacheTtl: number }): Promise<string | null>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

const PREFIX = 'flags/';

/**
 * Cloudflare KV. It takes one write a second for each key, and may show for a minute what was there before: a store for cold
 * starts and outages.
 */
export function cloudflareKv(namespace: CloudflareNamespace, { prefix = PREFIX }: KvOptions = {}): EdgeKv {
  return {
    // The least that it allows.
    get: (key) => namespace.get(prefix + key, { cacheTtl: 30 }),
    put: (key, value) => namespace.put(prefix + key, value),
    delete: (key) => namespace.delete(prefix + key),
  };
}

/** A client of Vercel Edge Config: `createClient(process.env.EDGE_CONFIG)` of `@vercel/edge-config`. */
export interface EdgeConfigClient {
  get(key: string): Promise<unknown>;
}

/** Vercel Edge Config, or what reads like it. Only read: something else writes it. Its keys know no `/` and no `.`; both are `_` there. */
export function edgeConfigKv(client: EdgeConfigClient, { prefix = PREFIX }: KvOptions = {}): EdgeKv {
  return {
    get: async (key) => {
      const value = await client.get((prefix + key).replace(/[^\w-]/g, '_'));
      // An item may have been stored as JSON.
      return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as string | undefined);
    },
  };
}

/** Where a Redis is reached over HTTP. */
export interface RedisOptions extends KvOptions {
  /** `https://….upstash.io`, or another server with this API: a command as a JSON list, posted. */
  readonly url: string;
  readonly token: string;
  readonly fetch?: Fetch;
}

/** Redis over HTTP, as Upstash has it. */
export function redisKv({ url, token, prefix = PREFIX, fetch: given }: RedisOptions): EdgeKv {
  const send: Fetch = given ?? ((...request) => fetch(...request));
  const run = async (...command: readonly string[]): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await send(url, { method: 'POST', headers, body: JSON.stringify(command), redirect: 'manual' });
    if (response.status !== 200) throw new TypeError(`status ${response.status}`);
    const { result } = (await response.json()) as { readonly result?: unknown };
    return result;
  };
  return {
    get: async (key) => {
      const value = await run('GET', prefix + key);
      return typeof value === 'string' ? value : undefined;
    },
    put: (key, value) => run('SET', prefix + key, value),
    delete: (key) => run('DEL', prefix + key),
  };
}

/** Where a namespace of Cloudflare KV is reached from outside of Workers. */
export interface CloudflareRestOptions extends KvOptions {
  readonly account: string;
  /** The namespace's id. */
  readonly namespace: string;
  /** An API token that may edit Workers KV storage. */
  readonly token: string;
  /** Cloudflare's API by default. */
  readonly url?: string;
  readonly fetch?: Fetch;
}

/** Cloudflare KV over its API: for a relay that writes what `cloudflareKv` reads. */
export function cloudflareRestKv(options: CloudflareRestOptions): EdgeKv {
  const {
    account,
    namespace,
    token,
    prefix = PREFIX,
    url = 'https://api.cloudflare.com/client/v4',
    fetch: given,
  } = options;
  const send: Fetch = given ?? ((...request) => fetch(...request));
  const place = `${url}/accounts/${account}/storage/kv/namespaces/${namespace}/values/`;
  const run = async (method: string, key: string, body?: string): Promise<Response> => {
    const response = await send(place + encodeURIComponent(prefix + key), {
      method,
      headers: { authorization: `Bearer ${token}` },
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
    if (response.status !== 200 && response.status !== 404) throw new TypeError(`status ${response.status}`);
    return response;
  };
  return {
    get: async (key) => {
      const response = await run('GET', key);
      return response.status === 200 ? response.text() : undefined;
    },
    put: async (key, value) => {
      if ((await run('PUT', key, value)).status !== 200) throw new TypeError('there is no such namespace');
    },
    delete: (key) => run('DELETE', key),
  };
}
