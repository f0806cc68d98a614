import type { CloudflareNamespace, EdgeFlags } from '@flags/edge';
import { cloudflareKv, createEdgeFlags } from '@flags/edge';
import type { FlagsObjectClass, ObjectNamespace } from '@flags/edge/cloudflare';
import { createFlagsObject, objectFetch } from '@flags/edge/cloudflare';

interface Env {
  readonly RELAY_URL: string;
  readonly KEY: string;
  readonly KV: CloudflareNamespace;
  readonly OBJECT: ObjectNamespace;
}

let edge: EdgeFlags<object> | undefined;

/** The object that holds the stream. */
export const FlagsObject: FlagsObjectClass<Env> = createFlagsObject<Env>(({ RELAY_URL, KEY, KV }) => ({
  url: RELAY_URL,
  key: KEY,
  kv: cloudflareKv(KV),
}));

/** A Worker that asks the object. */
const worker = {
  fetch: async (_request: Request, env: Env, ctx: { waitUntil(work: Promise<unknown>): void }): Promise<Response> => {
    edge ??= createEdgeFlags<object>({
      url: env.RELAY_URL,
      key: env.KEY,
      fetch: objectFetch(env.OBJECT),
      ttlMs: 1_000,
    });
    const flags = await edge.flags({ targetingKey: 'u' }, ctx);
    return Response.json({ value: flags.value('a', 'default'), ...edge.status() });
  },
};
// oxlint-disable-next-line import/no-default-export -- as Workers have it
export default worker;
