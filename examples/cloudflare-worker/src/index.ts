// A shop as a Worker: a page with its flags in its head, and a route that reads them.
import { cloudflareKv, createEdgeFlags, flagMiddleware } from '@flags/edge';
import { createFlagsObject, objectFetch } from '@flags/edge/cloudflare';
import { renderPage } from './page.ts';

/** What wrangler.jsonc binds. */
interface Env {
  readonly FLAGS_URL: string;
  readonly FLAGS_KEY: string;
  readonly FLAGS: KVNamespace;
  readonly FLAGS_OBJECT: DurableObjectNamespace;
}

declare global {
  /** The flags that are read here. A name or a default that is not of these does not compile. */
  interface FlagTypes {
    'welcome-text': string;
    'new-checkout': boolean;
    'free-shipping-from': number;
  }
}

/** Holds one stream to the relay for all isolates, and tells the store of every change. */
export const FlagsObject = createFlagsObject<Env>((env) => ({
  url: env.FLAGS_URL,
  key: env.FLAGS_KEY,
  kv: cloudflareKv(env.FLAGS),
  logger: console,
}));

function createHandler(env: Env) {
  const edge = createEdgeFlags({
    url: env.FLAGS_URL,
    key: env.FLAGS_KEY,
    fetch: objectFetch(env.FLAGS_OBJECT),
    kv: cloudflareKv(env.FLAGS, { readOnly: true }),
    ttlMs: 5_000,
    // Whom flags are for. The id is that of the cookie, the same on every visit.
    context: (request, id) => ({ targetingKey: id, country: request.headers.get('cf-ipcountry') ?? undefined }),
    logger: console,
  });
  return flagMiddleware(edge, (request, flags) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/') return renderPage(flags);
    if (pathname !== '/api/shipping') return new Response('There is nothing here.', { status: 404 });
    const shipping = { freeFrom: flags.value('free-shipping-from', 50), for: flags.context.targetingKey };
    return Response.json(shipping, { headers: { 'cache-control': 'private, no-store' } });
  });
}

// One for all requests of an isolate; bindings come with the first of them.
let handle: ReturnType<typeof createHandler> | undefined;

// oxlint-disable-next-line import/no-default-export -- as Workers have it
export default {
  fetch: (request, env, ctx) => (handle ??= createHandler(env))(request, ctx),
} satisfies ExportedHandler<Env>;
