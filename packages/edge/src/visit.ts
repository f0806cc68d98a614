import { ANONYMOUS_ID_COOKIE, readAnonymousId } from './anonymous-id.ts';
import type { EdgeFlags, RequestScope } from './edge-flags.ts';
import type { RequestFlags } from './request-flags.ts';

/** How visitors are known again. */
export interface VisitorOptions {
  /** The cookie with the anonymous id; `flags-id` by default. */
  readonly cookie?: string | undefined;
  /** Whether this visitor may be given an anonymous id and known by it; all may by default. One that throws says no. */
  readonly consent?: ((request: Request) => boolean) | undefined;
}

/** A request whose visitor is known. */
export interface Visit<Types> {
  readonly flags: RequestFlags<Types>;
  /** The id that this visitor gets now; `undefined` for one who has one, or may not have one. */
  readonly newId: string | undefined;
  /** The `Set-Cookie` that gives it: for a year, to all of this site, and to scripts, which read flags with the same id. */
  readonly setCookie: string | undefined;
}

/** Finds out whom a request is from, and evaluates for them. Never rejects. */
export async function visit<Types>(
  edge: EdgeFlags<Types>,
  request: Request,
  scope: RequestScope | undefined,
  { cookie = ANONYMOUS_ID_COOKIE, consent }: VisitorOptions,
): Promise<Visit<Types>> {
  const isKnowable = consent === undefined || allows(consent, request);
  const id = isKnowable ? readAnonymousId(request, cookie) : undefined;
  const newId = isKnowable && id === undefined ? crypto.randomUUID() : undefined;
  const flags = await edge.flags(await edge.contextOf(request, id ?? newId), scope);
  const secure = request.url.startsWith('https:') ? '; Secure' : '';
  const setCookie = newId && `${cookie}=${newId}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  return { flags, newId, setCookie };
}

function allows(consent: (request: Request) => boolean, request: Request): boolean {
  try {
    return consent(request);
  } catch {
    return false;
  }
}
