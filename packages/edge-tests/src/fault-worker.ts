import type { CloudflareNamespace, EdgeFlags, EdgeKv } from '@flags/edge';
import { cloudflareKv, createEdgeFlags, flagMiddleware, verifyKeys } from '@flags/edge';
import type { FlagsObject as Flags, FlagsObjectClass, ObjectNamespace, ObjectState } from '@flags/edge/cloudflare';
import { createFlagsObject, objectFetch } from '@flags/edge/cloudflare';

interface Env {
  readonly RELAY_URL: string;
  readonly KEY: string;
  readonly KV: CloudflareNamespace;
  readonly OBJECT: ObjectNamespace;
  /** Whether the object is asked, and not the relay. */
  readonly THROUGH_OBJECT?: boolean;
  readonly BOOTSTRAP?: unknown;
  readonly PINNED?: string;
  /** How long a request waits, where that matters: else longer than a machine can be busy. */
  readonly PATIENCE?: number;
  readonly HARM?: Harm;
}

/** What is wrong with what this isolate has. */
export interface Harm {
  readonly store?: 'down' | 'silent' | 'read only';
  /** How far the clock is ahead, in milliseconds. */
  readonly skew?: number;
  readonly handler?: 'throws';
}

let harm: Harm | undefined;
/** Writes that were refused since a key takes one a second. */
let refused = 0;
let edge: EdgeFlags<object> | undefined;

const realNow = Date.now;
Date.now = () => realNow() + (harm?.skew ?? 0);

/** The store as it is at Cloudflare: it takes one write a second for each key. And as it is when something is wrong. */
function storeOf(namespace: CloudflareNamespace): EdgeKv {
  const real = cloudflareKv(namespace);
  const written = new Map<string, number>();
  const reach = async (): Promise<void> => {
    if (harm?.store === 'down') throw new Error('the store is down');
    if (harm?.store === 'silent') await new Promise(() => {});
  };
  return {
    get: async (key) => {
      await reach();
      return real.get(key);
    },
    put: async (key, value) => {
      await reach();
      const now = performance.now();
      const isTooSoon = now - (written.get(key) ?? -Infinity) < 1_000;
      if (isTooSoon) refused += 1;
      if (isTooSoon || harm?.store === 'read only') throw new Error('429 Too Many Requests');
      written.set(key, now);
      await real.put?.(key, value);
    },
    delete: async (key) => {
      await reach();
      await real.delete?.(key);
    },
  };
}

function flagsOf(env: Env): EdgeFlags<object> {
  return createEdgeFlags<object>({
    url: env.RELAY_URL,
    key: env.KEY,
    ttlMs: 1_000,
    timeoutMs: env.PATIENCE ?? 20_000,
    ...(env.THROUGH_OBJECT ? { fetch: objectFetch(env.OBJECT) } : { kv: storeOf(env.KV) }),
    bootstrap: env.BOOTSTRAP,
    verify: env.PINNED === undefined ? undefined : verifyKeys([env.PINNED]),
  });
}

const Followed = createFlagsObject<Env>(({ RELAY_URL, KEY, KV }) => ({ url: RELAY_URL, key: KEY, kv: storeOf(KV) }));

/** The object that holds the stream. The platform ends it, as it may at any time, when it is asked for `/end`. */
export const FlagsObject = function (state: ObjectState & { abort(reason: string): void }, env: Env): Flags {
  const followed = new Followed(state, env);
  return {
    fetch: async (request) => {
      if (new URL(request.url).pathname === '/end') state.abort('the platform ends it');
      return followed.fetch(request);
    },
    alarm: () => followed.alarm(),
  };
} as unknown as FlagsObjectClass<Env>;

const PAGE = '<!doctype html><html><head><title>Shop</title></head><p>Hello</p>';

/** What tests ask of a Worker. */
const worker = {
  fetch: async (request: Request, env: Env, ctx: { waitUntil(work: Promise<unknown>): void }): Promise<Response> => {
    harm ??= env.HARM ?? {};
    const { pathname } = new URL(request.url);
    if (pathname === '/harm') {
      harm = (await request.json()) as Harm;
      return new Response();
    }
    if (pathname === '/end') {
      // It cannot answer any more.
      await env.OBJECT.get(env.OBJECT.idFromName('flags') as never)
        .fetch('http://object/end', {})
        .catch(() => {});
      return new Response();
    }
    edge ??= flagsOf(env);
    if (pathname === '/page') {
      const handler = (): Response => {
        if (harm?.handler === 'throws') throw new Error('a mistake of the handler');
        return new Response(PAGE, { headers: { 'content-type': 'text/html' } });
      };
      return flagMiddleware(edge, handler)(request, ctx);
    }
    const flags = await edge.flags({ targetingKey: 'u' }, pathname === '/alone' ? undefined : ctx);
    return Response.json({ value: flags.value('a', 'default'), refused, ...edge.status() });
  },
};
// oxlint-disable-next-line import/no-default-export -- as Workers have it
export default worker;
