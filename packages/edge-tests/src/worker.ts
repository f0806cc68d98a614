import type { CloudflareNamespace, EdgeFlags } from '@flags/edge';
import { cloudflareKv, createEdgeFlags, flagMiddleware } from '@flags/edge';

interface Env {
  readonly RELAY_URL: string;
  readonly KEY: string;
  readonly KV: CloudflareNamespace;
  readonly BOOTSTRAP?: unknown;
  readonly PAGE_URL?: string;
}

interface Context {
  waitUntil(work: Promise<unknown>): void;
}

// Outside of a request: a runtime that minds anything here does not start.
const built = createEdgeFlags({
  mode: 'offline',
  bootstrap: { format: 1, environment: 'test', epoch: 'e0', version: 1, flags: {}, segments: {} },
});
let edge: EdgeFlags<object> | undefined;

/** What tests ask of a Worker. */
const worker = {
  fetch: async (request: Request, env: Env, ctx: Context): Promise<Response> => {
    edge ??= createEdgeFlags<object>({
      url: env.RELAY_URL,
      key: env.KEY,
      kv: cloudflareKv(env.KV),
      ttlMs: 1_000,
      timeoutMs: 1_500,
      bootstrap: env.BOOTSTRAP,
    });
    if (new URL(request.url).pathname === '/built') {
      return Response.json(await built.flags({}, ctx).then((flags) => flags.all()));
    }
    if (new URL(request.url).pathname === '/page') {
      return flagMiddleware(edge, () => fetch(env.PAGE_URL ?? ''))(request, ctx);
    }
    const flags = await edge.flags({ targetingKey: 'u' }, ctx);
    return Response.json({ value: flags.value('a', 'default'), ...edge.status() });
  },
};
// oxlint-disable-next-line import/no-default-export -- as Workers have it
export default worker;
