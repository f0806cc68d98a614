import type { Transport } from '@flags/sync';

// A page that ends may leave 64 KiB of posts behind, in all; more would be refused.
const KEEPALIVE_LIMIT = 60_000;

/**
 * A transport over `fetch`, with its body as it comes. Not over `EventSource`: it takes no headers, hides statuses, and never
 * notices a connection that is half open. Posts of up to 60 kB outlive the page.
 *
 * Redirects are followed as browsers do: the key stays behind on the way to another origin; a post follows none.
 */
export function createFetchTransport(): Transport {
  return {
    open: ({ url, headers, body }, receiver) => {
      const abort = new AbortController();
      let isOver = false;
      const end = (problem?: string): void => {
        if (!isOver) receiver.end(problem);
        isOver = true;
      };
      const run = async (): Promise<void> => {
        const response = await fetch(url, {
          headers,
          signal: abort.signal,
          cache: 'no-store',
          credentials: 'omit',
          ...(body === undefined ? {} : { method: 'POST', body, redirect: 'error', keepalive: mayOutlive(body) }),
        });
        if (isOver) return;
        const { status, headers: answer } = response;
        const contentType = answer.get('content-type') ?? undefined;
        receiver.response({ status, contentType, retryAfter: answer.get('retry-after') ?? undefined });
        const reader = response.body?.getReader();
        // `close` may come from any of these calls.
        while (reader !== undefined && !isClosed()) {
          const { done, value } = await reader.read();
          if (done) break;
          if (!isClosed()) receiver.bytes(value);
        }
      };
      const isClosed = (): boolean => isOver;
      // A stream is of use to nobody once its page is gone.
      const mayOutlive = (text: string): boolean =>
        headers['accept'] !== 'text/event-stream' &&
        text.length <= KEEPALIVE_LIMIT &&
        new TextEncoder().encode(text).length <= KEEPALIVE_LIMIT;
      run().then(
        () => end(),
        // Messages of browsers differ, and may quote the address.
        () => end(`the request to ${hostOf(url)} failed`),
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

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'the relay';
}
