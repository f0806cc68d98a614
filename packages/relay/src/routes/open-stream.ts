import { Buffer } from 'node:buffer';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { Position } from '@flags/sync';
import { comparePositions, parsePosition } from '@flags/sync';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SocketOwner } from '../bare-sockets.ts';
import { leaveSocket } from '../bare-sockets.ts';
import type { Feed } from '../feed.ts';
import type { NoRoom } from '../hub/capacity.ts';
import type { Hub } from '../hub/hub.ts';
import type { Outlet, Stream } from '../hub/stream.ts';
import type { ViewRouteOptions } from './access.ts';
import { accessOf, queryText } from './access.ts';
import { replyError } from './reply.ts';

/** What a route of streams needs. */
export interface StreamRouteOptions extends ViewRouteOptions {
  readonly hub: Hub;
  /** A request became a stream. */
  readonly onStreaming?: ((request: FastifyRequest) => void) | undefined;
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // `no-transform` and the next one ask proxies not to compress or to collect what has to arrive at once.
  'cache-control': 'no-cache, no-store, no-transform',
  'x-accel-buffering': 'no',
  vary: 'Authorization, Origin',
  // The body ends with the connection, on HTTP/1.0 and 1.1 alike.
  connection: 'close',
};

/**
 * Opens a stream of a feed for a request that has been let in, from the position it comes with; or answers the request when
 * there is no room for one.
 *
 * @param feed Called when there is room for a stream; `undefined` when there is none for what this one would keep.
 * @param until When it is told goodbye at the latest, epoch milliseconds; at its next heartbeat from then on.
 */
export function openStream(
  options: StreamRouteOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  feed: () => Feed | undefined,
  until: number = Infinity,
): FastifyReply {
  const access = accessOf(request);
  const { socket } = reply.raw;
  if (socket === null) {
    const message = 'A stream needs a connection of its own: nothing may be asked before it.';
    return replyError(reply, 400, 'PIPELINED', message);
  }
  const full = options.hub.noRoom(access);
  if (full !== undefined) return refuse(reply, full.limit, full.retryAfterS);
  const followed = feed();
  if (followed === undefined) return refuse(reply, 'maxContextBytes', CONTEXT_RETRY_S);
  const held = heldPosition(request);
  if (held !== undefined && comparePositions(held, followed.position) > 0) options.onBehind(held);
  reply.hijack();
  options.onStreaming?.(request);
  options.hub.open(outletOf(reply, socket), followed, { keyId: access.keyId, held, until });
  return reply;
}

/** Who keeps such large contexts is seldom gone within seconds. */
const CONTEXT_RETRY_S = 20;

type Limit = NoRoom['limit'] | 'maxContextBytes';

/** The code tells an operator which setting it was. */
const REFUSALS: Readonly<Record<Limit, readonly [status: number, code: string, message: string]>> = {
  maxStreams: [503, 'AT_CAPACITY', 'This relay has as many streams as it takes.'],
  maxStreamsPerKey: [429, 'KEY_AT_CAPACITY', 'This key has as many streams open as a key may have.'],
  serverReserve: [503, 'CLIENTS_AT_CAPACITY', 'This relay has as many streams as it takes with client keys.'],
  maxContextBytes: [
    503,
    'CONTEXTS_AT_CAPACITY',
    'This relay keeps as many large contexts as it takes. Send a smaller one.',
  ],
};

/** There is no room for a stream: come back later. */
function refuse(reply: FastifyReply, limit: Limit, retryAfterS: number): FastifyReply {
  reply.header('retry-after', String(retryAfterS));
  return replyError(reply, ...REFUSALS[limit]);
}

/** Where the client stands. A text that is no position is none: the client gets everything. */
function heldPosition(request: FastifyRequest): Position | undefined {
  const header = request.headers['last-event-id'];
  const text = header === undefined || header === '' ? queryText(request, 'since') : header;
  if (typeof text !== 'string') return undefined;
  // A part of a text keeps all of it alive: here the whole head of the request, up to 8 kB, for as long as the stream stands there.
  return parsePosition(Buffer.from(text).toString());
}

/**
 * Sends the head of the response and gives the socket to the stream. Without chunk framing every stream takes the very same
 * bytes, and writing them to the socket itself leaves out the response's own bookkeeping for each write.
 */
function outletOf(reply: FastifyReply, socket: Socket): Outlet {
  const response = reply.raw;
  response.removeHeader('transfer-encoding');
  // What holds for all answers is set on the reply, and goes out only from here.
  response.writeHead(200, { ...(reply.getHeaders() as OutgoingHttpHeaders), ...HEADERS });
  response.flushHeaders();
  const outlet = Object.assign(Object.create(SOCKET_OUTLET) as SocketOutlet, { socket });
  leaveSocket(response, socket, outlet);
  return outlet;
}

interface SocketOutlet extends Outlet, SocketOwner {
  socket: Socket;
  onClosed?: (stream: Stream) => void;
  stream?: Stream;
}

/** What all outlets share: closures for each of thousands would take more memory than the rest of a stream. */
const SOCKET_OUTLET: Outlet & SocketOwner & ThisType<SocketOutlet> = {
  get unsent() {
    return this.socket.writableLength;
  },
  write(bytes: Buffer) {
    if (this.socket.writable) this.socket.write(bytes);
  },
  // Not the response's end: to Node the connection would then be an idle one, which is closed before its last bytes are sent.
  end() {
    this.socket.destroySoon();
  },
  destroy() {
    this.socket.destroy();
  },
  onceDrained(listener) {
    this.socket.once('drain', listener);
  },
  onClose(listener, stream) {
    if (this.socket.destroyed) listener(stream);
    else {
      this.onClosed = listener;
      this.stream = stream;
    }
  },
  closed() {
    if (this.stream !== undefined) this.onClosed?.(this.stream);
  },
};
