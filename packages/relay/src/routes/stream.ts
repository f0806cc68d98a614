import type { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { Position } from '@flags/sync';
import { comparePositions, parsePosition } from '@flags/sync';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Hub, Outlet } from '../hub.ts';
import type { ViewRouteOptions } from './access.ts';
import { openView, queryText } from './access.ts';

/** What the stream route needs. */
export interface StreamRouteOptions extends ViewRouteOptions {
  readonly hub: Hub;
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // `no-transform` and the next one ask proxies not to compress or to collect what has to arrive at once.
  'cache-control': 'no-cache, no-store, no-transform',
  'x-accel-buffering': 'no',
  vary: 'Authorization',
  // The body ends with the connection, on HTTP/1.0 and 1.1 alike.
  connection: 'close',
};

/** `GET /v1/stream`: a full sync or what changed since the client's position, then every change as it happens. */
export function streamRoute(app: FastifyInstance, options: StreamRouteOptions): void {
  app.get('/v1/stream', { exposeHeadRoute: false }, (request, reply) => {
    const view = openView(options, request, reply);
    if (view === undefined) return reply;
    const held = heldPosition(request);
    if (held !== undefined && comparePositions(held, view.position) > 0) options.onBehind();
    reply.hijack();
    options.hub.open(outletOf(reply.raw), view, held);
    return reply;
  });
}

/** Where the client stands. A text that is no position is none: the client gets everything. */
export function heldPosition(request: FastifyRequest): Position | undefined {
  const header = request.headers['last-event-id'];
  return parsePosition(header === undefined || header === '' ? queryText(request, 'since') : header);
}

/**
 * Sends the head of the response and gives the socket to the stream. Without chunk framing every stream takes the very same
 * bytes, and writing them to the socket itself leaves out the response's own bookkeeping for each write.
 */
export function outletOf(response: ServerResponse): Outlet {
  response.removeHeader('transfer-encoding');
  response.writeHead(200, HEADERS);
  response.flushHeaders();
  const { socket } = response;
  // Finds peers that are gone while nothing is sent; the client's own dead timer finds the rest.
  socket?.setKeepAlive(true, 10_000);
  return {
    get unsent() {
      return socket?.writableLength ?? 0;
    },
    write: (bytes: Buffer) => {
      if (socket?.writable === true) socket.write(bytes);
    },
    end: () => {
      response.end();
    },
    onDrain: (listener) => {
      socket?.on('drain', listener);
    },
    onClose: (listener) => {
      if (socket === null || socket.destroyed) listener();
      else response.once('close', listener);
    },
  };
}
