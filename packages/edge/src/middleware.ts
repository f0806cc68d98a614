import type { BootstrapOptions } from '@flags/sync';
import { renderBootstrap } from '@flags/sync';
import type { EdgeFlags, RequestScope } from './edge-flags.ts';
import { injectIntoHead } from './inject.ts';
import type { RequestFlags } from './request-flags.ts';
import type { VisitorOptions } from './visit.ts';
import { visit } from './visit.ts';

/** Answers a request, with its flags: fetches it or another one, makes a response, sets headers. */
export type FlagHandler<Types = FlagTypes> = (
  request: Request,
  flags: RequestFlags<Types>,
) => Response | Promise<Response>;

/** What a middleware does to pages. */
export interface MiddlewareOptions extends VisitorOptions {
  /** What pages bring along: `true` (the default) for every flag that browsers may see, `{ keys }` for some, or `false`. */
  readonly bootstrap?: boolean | BootstrapOptions | undefined;
  /** The nonce of a page's script; by default that of its `Content-Security-Policy`. */
  readonly nonce?: ((request: Request, response: Response) => string | undefined) | undefined;
}

// What holds for the bytes that came, and not for those that go.
const OF_THE_BYTES = ['content-length', 'content-encoding', 'etag', 'last-modified', 'accept-ranges', 'content-digest'];

/**
 * Puts flags around a handler: it knows the visitor, and the pages it answers with bring along what flags give for them, in a script
 * before all others. Pages are streamed. Whatever goes wrong with flags, the handler's answer passes; its own errors are its own.
 */
export function flagMiddleware<Types = FlagTypes>(
  edge: EdgeFlags<Types>,
  handler: FlagHandler<Types>,
  options: MiddlewareOptions = {},
): (request: Request, scope?: RequestScope) => Promise<Response> {
  return async (request, scope) => {
    const { flags, setCookie } = await visit(edge, request, scope, options);
    const response = await handler(request, flags);
    return isPage(response) ? withFlags(request, response, flags, setCookie, options) : response;
  };
}

function isPage({ headers, status }: Response): boolean {
  return status >= 200 && status !== 206 && /^\s*text\/html\s*(?:;|$)/i.test(headers.get('content-type') ?? '');
}

function withFlags<Types>(
  request: Request,
  response: Response,
  flags: RequestFlags<Types>,
  setCookie: string | undefined,
  options: MiddlewareOptions,
): Response {
  const { body, status, statusText } = response;
  if (body === null || response.bodyUsed) return response;
  const script = isReadable(response) ? scriptFor(request, response, flags, options) : undefined;
  if (script === undefined && setCookie === undefined) return response;
  const headers = new Headers(response.headers);
  keepPrivate(headers);
  if (setCookie !== undefined) headers.append('set-cookie', setCookie);
  if (script === undefined) return new Response(body, { status, statusText, headers });
  for (const name of OF_THE_BYTES) headers.delete(name);
  return new Response(injectIntoHead(body, script), { status, statusText, headers });
}

/** In ASCII, whatever character set the page is in: all that is not stands in string literals. */
function scriptFor<Types>(
  request: Request,
  response: Response,
  flags: RequestFlags<Types>,
  { bootstrap = true, nonce = nonceOf }: MiddlewareOptions,
): string | undefined {
  if (bootstrap === false) return undefined;
  try {
    const given = nonce(request, response);
    const brought = flags.bootstrap(bootstrap === true ? {} : (bootstrap as object));
    return renderBootstrap(brought, given === undefined ? {} : { nonce: given }).replace(/[^\0-\x7f]/g, escapeUnit);
  } catch {
    // A nonce that fails, or cannot be one: the page is better without a script than without itself.
    return undefined;
  }
}

/** Whether the body's bytes are those of the page: `fetch` has decoded it already; who else encoded it did so for the browser. */
function isReadable({ headers, url }: Response): boolean {
  return url !== '' || (headers.get('content-encoding') ?? 'identity') === 'identity';
}

/** What is made for one visitor must not be shown to another. */
function keepPrivate(headers: Headers): void {
  for (const name of [
    'cdn-cache-control',
    'cloudflare-cdn-cache-control',
    'vercel-cdn-cache-control',
    'surrogate-control',
  ]) {
    headers.delete(name);
  }
  if (!/\b(?:private|no-store)\b/i.test(headers.get('cache-control') ?? '')) {
    headers.set('cache-control', 'private, no-cache');
  }
}

function nonceOf(_request: Request, response: Response): string | undefined {
  return /'nonce-([\w+/=-]+)'/.exec(response.headers.get('content-security-policy') ?? '')?.[1];
}

/** A UTF-16 unit as JSON and JavaScript write it in ASCII. */
function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
