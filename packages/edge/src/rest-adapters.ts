import type { KvOptions } from './adapters.ts';
import { edgeConfigKey, PREFIX } from './adapters.ts';
import type { EdgeKv } from './kv.ts';
import { refusal } from './kv-error.ts';
import type { Fetch } from './transport.ts';

/** How a store is reached over HTTP. */
interface RestOptions extends KvOptions {
  readonly token: string;
  readonly fetch?: Fetch;
}

/** Where a Redis is reached over HTTP. */
export interface RedisOptions extends RestOptions {
  /** `https://….upstash.io`, or another server with this API: a command as a JSON list, posted. */
  readonly url: string;
}

/** Redis over HTTP, as Upstash has it. */
export function redisKv({ url, token, prefix = PREFIX, fetch: given }: RedisOptions): EdgeKv {
  const send = sender(token, given);
  const run = async (...command: readonly string[]): Promise<unknown> => {
    const response = await send(url, 'POST', command);
    if (response.status !== 200) throw refusal(response.status);
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
export interface CloudflareRestOptions extends RestOptions {
  readonly account: string;
  /** The namespace's id. */
  readonly namespace: string;
  /** An API token that may edit Workers KV storage. */
  readonly token: string;
  /** Cloudflare's API by default. */
  readonly url?: string;
}

/** Cloudflare KV over its API: for a relay that writes what `cloudflareKv` reads. */
export function cloudflareRestKv(options: CloudflareRestOptions): EdgeKv {
  const { account, namespace, token, prefix = PREFIX, url = 'https://api.cloudflare.com/client/v4' } = options;
  const send = sender(token, options.fetch);
  const place = `${url}/accounts/${account}/storage/kv/namespaces/${namespace}/values/`;
  const run = async (method: string, key: string, body?: string): Promise<Response> => {
    const response = await send(place + encodeURIComponent(prefix + key), method, body);
    if (response.status !== 200 && response.status !== 404) throw refusal(response.status);
    return response;
  };
  return {
    get: async (key) => {
      const response = await run('GET', key);
      return response.status === 200 ? response.text() : undefined;
    },
    put: async (key, value) => {
      const { status } = await run('PUT', key, value);
      // There are keys that are missing, but for writing only namespaces.
      if (status !== 200) throw refusal(status);
    },
    delete: (key) => run('DELETE', key),
  };
}

/** Where an Edge Config is reached from outside of Vercel. */
export interface EdgeConfigRestOptions extends RestOptions {
  /** `ecfg_…` */
  readonly id: string;
  /** An access token of Vercel that may write it; the connection string of an Edge Config only reads. */
  readonly token: string;
  /** The team that it belongs to, by its id: `team_…`. */
  readonly team?: string;
  /** Vercel's API by default. */
  readonly url?: string;
}

/** Vercel Edge Config over its API: for a relay that writes what `edgeConfigKv` reads. Each write is one of Vercel's, of which plans have few. */
export function edgeConfigRestKv(options: EdgeConfigRestOptions): EdgeKv {
  const { id, token, team, prefix = PREFIX, url = 'https://api.vercel.com' } = options;
  const send = sender(token, options.fetch);
  const ofTeam = team === undefined ? '' : `?teamId=${encodeURIComponent(team)}`;
  const place = `${url}/v1/edge-config/${encodeURIComponent(id)}`;
  const change = async (item: object): Promise<void> => {
    const { status } = await send(`${place}/items${ofTeam}`, 'PATCH', { items: [item] });
    if (status !== 200) throw refusal(status);
  };
  return {
    get: async (key) => {
      const response = await send(`${place}/item/${edgeConfigKey(prefix + key)}${ofTeam}`, 'GET');
      if (response.status === 404) return undefined;
      if (response.status !== 200) throw refusal(response.status);
      const { value } = (await response.json()) as { readonly value?: unknown };
      return typeof value === 'string' ? value : undefined;
    },
    put: (key, value) => change({ operation: 'upsert', key: edgeConfigKey(prefix + key), value }),
    delete: (key) => change({ operation: 'delete', key: edgeConfigKey(prefix + key) }),
  };
}

/** Sends requests with a token, which is in a header only. A body that is no text is sent as JSON. */
function sender(token: string, given: Fetch | undefined) {
  const send: Fetch = given ?? ((...request) => fetch(...request));
  return (url: string, method: string, body?: string | object): Promise<Response> => {
    const isJson = typeof body === 'object';
    const headers = { authorization: `Bearer ${token}`, ...(isJson && { 'content-type': 'application/json' }) };
    const text = isJson ? JSON.stringify(body) : body;
    return send(url, { method, headers, redirect: 'manual', ...(text !== undefined && { body: text }) });
  };
}
