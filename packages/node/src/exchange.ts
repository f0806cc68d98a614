import type { ClientRequest, IncomingMessage } from 'node:http';
import type { RequestOptions } from 'node:https';
import type { TransportReceiver, TransportRequest } from '@flags/sync';
import { createBodyReader } from './body.ts';
import type { BodyReader } from './body.ts';
import { builtin } from './builtin.ts';
import type { Connecting } from './connecting.ts';
import { describe } from './problem.ts';
import { openTunnel, proxyFor, refusalOf, requestThrough } from './proxy.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Gets the answer to one request: `redirect` alone, or what a transport's receiver gets. */
export interface ExchangeReceiver extends TransportReceiver {
  redirect(location: string, status: number): void;
}

/** Sends one request; calls either `redirect` or `end`, once. */
export function exchange(
  { url, headers, body }: TransportRequest,
  connecting: Connecting,
  receiver: ExchangeReceiver,
): { readonly close: () => void } {
  const method = body === undefined ? 'GET' : 'POST';
  const isStream = headers['accept'] === 'text/event-stream';
  // A compressed stream costs memory at both ends and on the way, and may be held back there.
  const encodings = isStream ? 'identity' : 'gzip, br';
  const sent = body === undefined ? { 'accept-encoding': encodings, ...headers } : headers;
  let current: ClientRequest | undefined;
  let reader: BodyReader | undefined;
  let over = false;
  const end = (problem?: string): void => {
    if (over) return;
    over = true;
    receiver.end(problem);
  };

  function send(request: ClientRequest, proxy?: URL): void {
    current = request;
    connecting(request);
    const via = proxy === undefined ? '' : 'the proxy: ';
    request.on('error', (error) => end(via + describe(error, proxy?.href ?? url)));
    request.on('response', (response) => {
      if (proxy === undefined || response.statusCode !== 407) return receive(response);
      end(refusalOf(proxy, 407));
      return request.destroy();
    });
    request.end(body);
  }

  function receive(response: IncomingMessage): void {
    const { statusCode = 0 } = response;
    const { location, 'content-encoding': encoding, 'content-type': contentType } = response.headers;
    // Without a listener, an error after the response began would be thrown.
    response.on('error', (error) => end(describe(error, url)));
    if (REDIRECTS.has(statusCode) && location !== undefined) {
      over = true;
      current?.destroy();
      receiver.redirect(location, statusCode);
      return;
    }
    response.on('close', () => {
      if (!response.complete) end('the connection was cut');
    });
    receiver.response({ status: statusCode, contentType, retryAfter: response.headers['retry-after'] });
    // Closed by what it was just told.
    if (!over) reader = createBodyReader(response, encoding, isStream, { bytes: receiver.bytes, end });
  }

  function start(): void {
    const proxy = proxyFor(url);
    if (typeof proxy === 'string') return end(proxy);
    const https = url.startsWith('https:');
    const options = { headers: sent, method };
    // Without an agent there is no pool: the socket ends with the request.
    if (proxy === undefined)
      return send(builtin(https ? 'node:https' : 'node:http').request(url, { ...options, agent: false }));
    const target = new URL(url);
    if (!https) return send(requestThrough(proxy, target, method, sent), proxy.url);
    const connect = (createConnection: NonNullable<RequestOptions['createConnection']>): void =>
      // `agent: false` would make an agent, and agents make connections of their own.
      guard(() => send(builtin('node:https').request(url, { ...options, createConnection })));
    current = openTunnel(proxy, target, connecting, connect, end);
  }

  function guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      end(describe(error, url));
    }
  }

  guard(start);
  return {
    close: () => {
      over = true;
      current?.destroy();
      reader?.close();
    },
  };
}
