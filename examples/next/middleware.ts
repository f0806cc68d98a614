import { flagMiddleware } from '@flags/edge/next';
import { NextRequest, type NextFetchEvent } from 'next/server';
import { edge } from './flags/edge.ts';
import { pages } from './flags/pages.ts';
import { policyFor } from './policy.ts';

// Gives each visitor an id that stays, and `/pricing` the static page that is theirs.
const withFlags = flagMiddleware(
  edge,
  async ({ nextUrl }: NextRequest, flags) =>
    nextUrl.pathname === '/pricing' ? `/pricing/${await pages.encode(flags)}` : undefined,
  { bootstrap: true },
);

/** Runs before every page. */
export async function middleware(request: NextRequest, event: NextFetchEvent): Promise<Response> {
  const policy = policyFor(request.nextUrl.pathname);
  // Next takes the nonce from here, and puts it on its scripts.
  const headers = new Headers(request.headers);
  headers.set('content-security-policy', policy);
  const response = await withFlags(new NextRequest(request, { headers }), event);
  response.headers.set('content-security-policy', policy);
  return response;
}

export const config = { matcher: '/((?!_next/static|_next/image|icon.svg).*)' };
