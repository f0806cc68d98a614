import { request as requestHttp } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Transport, TransportReceiver, TransportRequest } from '@flags/sync';

const MAX_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * A transport over `node:http` and `node:https`. Not over `fetch`: its sockets keep the process alive and cannot be told
 * not to, so that a script which only reads flags would never end. Each request has a connection of its own, which goes
 * when the request does. Works in Deno and Bun through their `node:` modules.
 *
 * Follows up to 3 redirects, never from https to http; the key does not go along to another origin.
 */
export function createHttpTransport(): Transport {
  return {
    open: (request, receiver) => {
      let closed = false;
      let current: ClientRequest | undefined;
      const end = (problem?: string): void => {
        if (!closed) receiver.end(problem);
      };
      const send = (target: TransportRequest, redirects: number): void => {
        current = sendOnce(target, {
          redirect: (location, status) => {
            const next = redirectTo(location, target, status);
            if (next === undefined || redirects === MAX_REDIRECTS) return end('a redirect that cannot be followed');
            return send(next, redirects + 1);
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
      send(request, 0);
      return {
        close: () => {
          closed = true;
          current?.destroy();
        },
      };
    },
  };
}

interface OneReceiver extends TransportReceiver {
  redirect(location: string, status: number): void;
}

/** Sends one request; calls either `redirect` or `end`, once. */
function sendOnce({ url, headers, body }: TransportRequest, receiver: OneReceiver): ClientRequest | undefined {
  const send = url.startsWith('https:') ? requestHttps : requestHttp;
  let request: ClientRequest;
  let over = false;
  const end = (problem?: string): void => {
    if (over) return;
    over = true;
    receiver.end(problem);
  };
  try {
    // Without an agent there is no pool: the socket ends with the request.
    request = send(url, { agent: false, headers, method: body === undefined ? 'GET' : 'POST' });
  } catch (error) {
    end(describe(error, url));
    return undefined;
  }
  request.on('socket', (socket) => {
    socket.unref();
    socket.setNoDelay(true);
  });
  request.on('error', (error) => end(describe(error, url)));
  request.on('response', (response: IncomingMessage) => {
    const { statusCode = 0 } = response;
    const { location } = response.headers;
    // Without a listener, an error after the response began would be thrown.
    response.on('error', (error) => end(describe(error, url)));
    if (REDIRECTS.has(statusCode) && location !== undefined) {
      over = true;
      request.destroy();
      receiver.redirect(location, statusCode);
      return;
    }
    response.on('data', (chunk: Uint8Array) => receiver.bytes(chunk));
    response.on('end', () => end());
    response.on('close', () => end(response.complete ? undefined : 'the connection was cut'));
    receiver.response({
      status: statusCode,
      contentType: response.headers['content-type'],
      retryAfter: response.headers['retry-after'],
    });
  });
  request.end(body);
  return request;
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

/** An error in a few words: its code and where. Messages may quote what was sent, so they do not pass. */
function describe(error: unknown, url: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // The host alone: an address may hold a client key.
  const place = URL.canParse(url) ? ` at ${new URL(url).host}` : '';
  const hint = code === 'EPROTO' && url.startsWith('https:') ? ' (does this port speak https?)' : '';
  return `${typeof code === 'string' ? code : 'the request failed'}${place}${hint}`;
}
