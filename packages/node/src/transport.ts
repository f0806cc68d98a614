import type { Transport, TransportRequest } from '@flags/sync';
import { createConnecting } from './connecting.ts';
import { exchange } from './exchange.ts';

const MAX_REDIRECTS = 3;
// Taken before a test of a program may put fake timers in its place.
const soon = setImmediate;

/**
 * A transport over `node:http` and `node:https`. Not over `fetch`: its sockets keep the process alive and cannot be told
 * not to, so that a script which only reads flags would never end. Each request has a connection of its own, which goes
 * when the request does. Works in Deno and Bun through their `node:` modules.
 *
 * Goes through the proxy that the environment names. Asks for compressed answers, but not for a compressed stream, and takes
 * both. Follows up to 3 redirects, never from https to http; the key does not go along to another origin.
 */
export function createHttpTransport(): Transport {
  const connecting = createConnecting();
  return {
    open: (request, receiver) => {
      let closed = false;
      let current: { readonly close: () => void } | undefined;
      const end = (problem?: string): void => {
        if (!closed) receiver.end(problem);
      };
      const send = (target: TransportRequest, redirects: number): void => {
        current = exchange(target, connecting, {
          redirect: (location, status) => {
            const next = redirectTo(location, target, status);
            if (next === undefined || redirects === MAX_REDIRECTS) return end('a redirect that cannot be followed');
            return closed ? undefined : send(next, redirects + 1);
          },
          response: (head) => {
            if (!closed) receiver.response(head);
          },
          bytes: (chunk) => {
            if (!closed) receiver.bytes(chunk);
          },
          end,
        });
      };
      // Not at once: what loads with the first request takes longer than all that the program may do with its flags in this turn.
      soon(() => {
        if (!closed) send(request, 0);
      });
      return {
        close: () => {
          closed = true;
          current?.close();
        },
      };
    },
  };
}

/** The request to follow a redirect with; `undefined` when it must not be followed. */
function redirectTo(
  location: string,
  { url, headers, body }: TransportRequest,
  status: number,
): TransportRequest | undefined {
  const from = new URL(url);
  if (!URL.canParse(location, url)) return undefined;
  const to = new URL(location, url);
  if (to.protocol !== 'https:' && to.protocol !== from.protocol) return undefined;
  const isSameOrigin = to.origin === from.origin;
  if (body !== undefined) {
    // Other statuses turn a POST into a GET; and what is reported is for the relay alone.
    return isSameOrigin && (status === 307 || status === 308) ? { url: to.href, headers, body } : undefined;
  }
  if (isSameOrigin) return { url: to.href, headers };
  const { authorization: _, ...others } = headers;
  return { url: to.href, headers: others };
}
