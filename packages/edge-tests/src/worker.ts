import type { CloudflareNamespace, EdgeFlags } from '@flags/edge';
import { cloudflareKv, createEdgeFlags, externalSegments, flagMiddleware } from '@flags/edge';

interface Env {
  readonly RELAY_URL: string;
  readonly KEY: string;
  readonly KV: CloudflareNamespace;
  readonly BOOTSTRAP?: unknown;
  readonly PAGE_URL?: string;
  readonly SEGMENTS_URL?: string;
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
      segments: externalSegments(async (question) => {
        const answer = await fetch(env.SEGMENTS_URL ?? '', { method: 'POST', body: JSON.stringify(question) });
        return (await answer.json()) as string[];
      }),
    });
    if (new URL(request.url).pathname === '/built') {
      return Response.json(await built.flags({}, ctx).then((flags) => flags.all()));
    }
    if (new URL(request.url).pathname === '/page') {
      return flagMiddleware(edge, () => fetch(env.PAGE_URL ?? ''))(request, ctx);
    }
    const targetingKey = new URL(request.url).searchParams.get('unit') ?? 'u';
    const flags = await edge.flags({ targetingKey }, ctx);
    return Response.json({ value: flags.value('a', 'default'), ...edge.status() });
  },
};
// oxlint-disable-next-line import/no-default-export -- as Workers have it
export default worker;
