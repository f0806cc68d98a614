import type { BootstrapOptions, ValuesBootstrap } from '@flags/sync';
import { isValuesBootstrap } from '@flags/sync';
import type { EdgeFlags, RequestScope } from '../edge-flags.ts';
import type { RequestFlags } from '../request-flags.ts';
import type { VisitorOptions } from '../visit.ts';
import { visit } from '../visit.ts';

/**
 * Says what becomes of a request: the path or URL it is rewritten to, a response of its own (`NextResponse.redirect(…)`), or nothing,
 * and it goes on. A text that leads to another origin is nothing, too.
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

/** The request header that carries a bootstrap to a page that Next renders, as JSON in ASCII. One that a visitor sends goes no further. */
export const BOOTSTRAP_HEADER = 'x-flags-bootstrap';

const LONGEST_BOOTSTRAP = 8_192;

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
    const chosen = targetOf(await choose(request, flags), request);
    if (chosen instanceof Response) return withCookie(chosen, setCookie);
    const headers = new Headers(setCookie === undefined ? {} : { 'set-cookie': setCookie });
    if (chosen === undefined) headers.set('x-middleware-next', '1');
    else headers.set('x-middleware-rewrite', String(chosen));
    const passed = new Headers(request.headers);
    passed.delete(BOOTSTRAP_HEADER);
    if (newId !== undefined) {
      const cookies = passed.get('cookie');
      passed.set('cookie', `${cookies === null ? '' : `${cookies}; `}${setCookie?.split(';', 1)[0]}`);
    }
    const text = bootstrapText(flags, options.bootstrap);
    if (text !== undefined) passed.set(BOOTSTRAP_HEADER, text);
    // As `NextResponse` says it: what is not on the list does not go further.
    for (const [name, value] of passed) headers.set(`x-middleware-request-${name}`, value);
    headers.set('x-middleware-override-headers', [...passed.keys()].join());
    return new Response(null, { headers });
  };
}

/**
 * What the middleware told a page, from the request's headers: `bootstrapOf(await headers())`, for `FlagProvider` of `@flags/react`.
 * `undefined` where it told nothing, or something else.
 */
export function bootstrapOf(headers: Pick<Headers, 'get'>): ValuesBootstrap | undefined {
  try {
    const told: unknown = JSON.parse(headers.get(BOOTSTRAP_HEADER) ?? 'null');
    return isValuesBootstrap(told) ? told : undefined;
  } catch {
    return undefined;
  }
}

/** A text is a path of this site: a value of a flag must not lead to another one. */
function targetOf(chosen: string | URL | Response | undefined, request: Request): URL | Response | undefined {
  if (typeof chosen !== 'string') return chosen;
  const target = new URL(chosen, request.url);
  return target.origin === new URL(request.url).origin ? target : undefined;
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
