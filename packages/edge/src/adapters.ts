import type { EdgeKv } from './kv.ts';

/** How keys of a store begin. */
export interface KvOptions {
  /** Put before every key; `flags/` by default. One for each environment that shares a store. */
  readonly prefix?: string;
}

/** How a namespace is used. */
export interface CloudflareKvOptions extends KvOptions {
  /** Whether isolates leave writing to a Durable Object or a relay, so that they do not all write the same keys; `false` by default. */
  readonly readOnly?: boolean;
}

/** A namespace of Cloudflare KV, as a Worker has it bound. */
export interface CloudflareNamespace {
  get(key: string, options: { readonly cacheTtl: number }): Promise<string | null>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

/** Put before keys where nothing else is said. */
export const PREFIX = 'flags/';

/**
 * Cloudflare KV. It takes one write a second for each key, and may show for a minute what was there before: a store for cold
 * starts and outages.
 */
export function cloudflareKv(
  namespace: CloudflareNamespace,
  { prefix = PREFIX, readOnly = false }: CloudflareKvOptions = {},
): EdgeKv {
  // The least that it allows.
  const get: EdgeKv['get'] = (key) => namespace.get(prefix + key, { cacheTtl: 30 });
  if (readOnly) return { get };
  return {
    get,
    put: (key, value) => namespace.put(prefix + key, value),
    delete: (key) => namespace.delete(prefix + key),
  };
}

/** A client of Vercel Edge Config: `createClient(process.env.EDGE_CONFIG)` of `@vercel/edge-config`. */
export interface EdgeConfigClient {
  get(key: string): Promise<unknown>;
}

/** A key as Edge Config can have it, which knows no `/` and no `.`. */
export const edgeConfigKey = (key: string): string => key.replace(/[^\w-]/g, '_');

/**
 * Vercel Edge Config, or what reads like it. Only read: `edgeConfigRestKv` or a relay writes it. Its keys know no `/` and no `.`;
 * both are `_` there.
 */
export function edgeConfigKv(client: EdgeConfigClient, { prefix = PREFIX }: KvOptions = {}): EdgeKv {
  return {
    get: async (key) => {
      const value = await client.get(edgeConfigKey(prefix + key));
      // An item may have been stored as JSON.
      return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as string | undefined);
    },
  };
}
