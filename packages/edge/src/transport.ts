import type { Transport } from '@flags/sync';

/** Makes a request: the platform's `fetch`, or that of a service binding or Durable Object. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * A transport over `fetch`, with its body as it comes. Redirects are not followed, since not every runtime leaves the key behind
 * on the way to another origin. Options of `fetch` that a runtime may not know, which then throws, are not used.
 */
export function createFetchTransport(fetch: Fetch): Transport {
  return {
    open: ({ url, headers, body }, receiver) => {
      const abort = new AbortController();
      let isOver = false;
      const end = (problem?: string): void => {
        if (!isOver) receiver.end(problem);
        isOver = true;
      };
      const isClosed = (): boolean => isOver;
      const run = async (): Promise<void> => {
        const response = await fetch(url, {
          headers,
          signal: abort.signal,
          redirect: 'manual',
          ...(body === undefined ? {} : { method: 'POST', body }),
        });
        if (isOver) return;
        const head = (name: string): string | undefined => response.headers.get(name) ?? undefined;
        receiver.response({
          status: response.status,
          contentType: head('content-type'),
          retryAfter: head('retry-after'),
          etag: head('etag'),
        });
        const reader = response.body?.getReader();
        // `close` may come from any of these calls.
        while (reader !== undefined && !isClosed()) {
          const { done, value } = await reader.read();
          if (done) break;
          if (!isClosed()) receiver.bytes(value);
        }
      };
      run().then(
        () => end(),
        // Messages of runtimes differ, and may quote the address.
        () => end('the request failed'),
      );
      return {
        close: () => {
          isOver = true;
          abort.abort();
        },
      };
    },
  };
}
