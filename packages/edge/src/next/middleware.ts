import type { BootstrapOptions, ValuesBootstrap } from '@flags/sync';
import { isValuesBootstrap } from '@flags/sync';
import type { EdgeFlags, RequestScope } from '../edge-flags.ts';
import type { RequestFlags } from '../request-flags.ts';
import type { VisitorOptions } from '../visit.ts';
import { visit } from '../visit.ts';

/**
 * Says what becomes of a request: the path or URL it is rewritten to, a response of its own (`NextResponse.redirect(…)`), or nothing,
 * and it goes on. A text that leads to another origin, or nowhere, is nothing, too.
 */
export type ChooseRoute<Types = FlagTypes, Of extends Request = Request> = (
  request: Of,
  flags: RequestFlags<Types>,
) => string | URL | Response | undefined | Promise<string | URL | Response | undefined>;

/** What a middleware of Next passes on. */
export interface NextOptions extends VisitorOptions {
  /**
   * What pages are told in the request header `x-flags-bootstrap`: `true` for every flag that browsers may see, `{ keys }` for
   * some, or `false` (the default). What takes more than 8 kB is left out, and the page asks for itself.
   */
  readonly bootstrap?: boolean | BootstrapOptions | undefined;
}

/**
 * The request header that carries a bootstrap to a page that Next renders, as JSON in ASCII. One that a visitor sends goes no further
 * where the middleware runs.
 */
export const BOOTSTRAP_HEADER = 'x-flags-bootstrap';

const LONGEST_BOOTSTRAP = 8_192;

// What `NextResponse` tells Next.
const NEXT = 'x-middleware-next';
const REWRITE = 'x-middleware-rewrite';
const OVERRIDDEN = 'x-middleware-override-headers';
const PASSED = 'x-middleware-request-';

/**
 * A middleware for `middleware.ts`, or for `proxy.ts`, where it is exported as `proxy`. `choose` gets what Next gives, a `NextRequest`
 * where it says that it takes one. Pages see the anonymous id of a new visitor
 * in their cookies, as if it had been there. Whatever goes wrong with flags, `choose` reads defaults; its own errors are its own.
 */
export function flagMiddleware<Types = FlagTypes, Of extends Request = Request>(
  edge: EdgeFlags<Types>,
  choose: ChooseRoute<Types, Of>,
  options: NextOptions = {},
): (request: Of, event?: RequestScope) => Promise<Response> {
  return async (request, event) => {
    const { flags, newId, setCookie } = await visit(edge, request, event, options);
    const response = withCookie(answerOf(await choose(request, flags), request), setCookie);
    const { headers } = response;
    if (!headers.has(NEXT) && !headers.has(REWRITE)) return response;
    const passed = passedOn(headers, request);
    // Also where `choose` passes on what it was sent.
    passed.delete(BOOTSTRAP_HEADER);
    headers.delete(PASSED + BOOTSTRAP_HEADER);
    if (newId !== undefined) {
      const cookies = passed.get('cookie');
      passed.set('cookie', `${cookies === null ? '' : `${cookies}; `}${setCookie?.split(';', 1)[0]}`);
    }
    const text = bootstrapText(flags, options.bootstrap);
    if (text !== undefined) passed.set(BOOTSTRAP_HEADER, text);
    // As `NextResponse` says it: what is not on the list does not go further.
    for (const [name, value] of passed) headers.set(PASSED + name, value);
    headers.set(OVERRIDDEN, [...passed.keys()].join());
    return response;
  };
}

/**
 * What the middleware told a page, from the request's headers: `bootstrapOf(await headers())`, for `FlagProvider` of `@flags/react`.
 * `undefined` where it told nothing, or something else. For pages that the middleware's `matcher` has: on others a visitor may have sent it.
 */
export function bootstrapOf(headers: Pick<Headers, 'get'>): ValuesBootstrap | undefined {
  try {
    const told: unknown = JSON.parse(headers.get(BOOTSTRAP_HEADER) ?? 'null');
    return isValuesBootstrap(told) ? told : undefined;
  } catch {
    return undefined;
  }
}

/** What was chosen, as Next is told of it. */
function answerOf(chosen: string | URL | Response | undefined, { url }: Request): Response {
  if (chosen instanceof Response) return chosen;
  const target = typeof chosen === 'string' ? pathOf(chosen, new URL(url)) : chosen;
  return new Response(null, { headers: target === undefined ? { [NEXT]: '1' } : { [REWRITE]: String(target) } });
}

/** A text is a path of this site: a value of a flag must not lead to another one. */
function pathOf(text: string, base: URL): URL | undefined {
  try {
    const target = new URL(text, base);
    // `blob:` has the origin of what follows it.
    return target.origin === base.origin && target.protocol === base.protocol ? target : undefined;
  } catch {
    return undefined;
  }
}

/** The headers that go on to the page: those that `NextResponse` lists already, or all that came. */
function passedOn(headers: Headers, request: Request): Headers {
  const names = headers.get(OVERRIDDEN);
  if (names === null) return new Headers(request.headers);
  const passed = new Headers();
  for (const name of names.split(',')) {
    const value = headers.get(PASSED + name.trim());
    if (value !== null) passed.set(name.trim(), value);
  }
  return passed;
}

/** A copy, for new visitors and known ones: whoever is around the middleware may set headers, which `Response.redirect` forbids. */
function withCookie(response: Response, setCookie: string | undefined): Response {
  const headers = new Headers(response.headers);
  if (setCookie !== undefined) headers.append('set-cookie', setCookie);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

function bootstrapText<Types>(
  flags: RequestFlags<Types>,
  bootstrap: NextOptions['bootstrap'] = false,
): string | undefined {
  if (bootstrap === false) return undefined;
  const json = JSON.stringify(flags.bootstrap(bootstrap === true ? {} : (bootstrap as object)));
  const text = json.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return text.length > LONGEST_BOOTSTRAP ? undefined : text;
}
