import { createEdgeFlags, flagMiddleware } from '@flags/edge';

interface FetchEvent extends Event {
  readonly request: Request;
  waitUntil(work: Promise<unknown>): void;
  respondWith(response: Promise<Response>): void;
}

declare const RELAY_URL: string;
declare const KEY: string;
declare const PAGE_URL: string;

const edge = createEdgeFlags<object>({ url: RELAY_URL, key: KEY, ttlMs: 1_000 });

const page = flagMiddleware(edge, ({ url }) => fetch(PAGE_URL + new URL(url).pathname.slice('/page'.length)));

async function answer(event: FetchEvent): Promise<Response> {
  if (new URL(event.request.url).pathname.startsWith('/page')) return page(event.request, event);
  const flags = await edge.flags(event.request, event);
  return Response.json({ value: flags.value('a', 'default'), ...edge.status() });
}

addEventListener('fetch', (event) => (event as FetchEvent).respondWith(answer(event as FetchEvent)));
