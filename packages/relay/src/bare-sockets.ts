import type { Buffer } from 'node:buffer';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

// Node keeps about 15 kB for each connection that its HTTP server serves: a parser, and what goes with requests to come. A
// stream has none to come. So a connection that opens with the plain request of a stream is served without that; its request
// takes the same way through the same routes, checks and limits as any other. Whatever is not plain goes to Node as it came.

/** As Node has it for connections that it serves itself. */
const FIRST_BYTES_MS = 10_000;
const MAX_HEAD_BYTES = 8_192;
const REQUEST_LINE = /^GET (\/[!-~]*) HTTP\/1\.([01])$/;
// White space around a value is trimmed apart: a pattern that did it would take time with the cube of a hostile line.
const HEADER_LINE = /^([!#$%&'*+.^_`|~\w-]+):([\t -~]*)$/;
/** A body, another protocol, an answer in between: nothing that the request of a stream has. */
const NOT_PLAIN = new Set([
  'content-length',
  'transfer-encoding',
  'upgrade',
  'expect',
  'trailer',
  'te',
  'http2-settings',
]);

/** What a socket was left to. */
export interface SocketOwner {
  /** The socket has closed. */
  closed(): void;
}

/** The bare sockets of a server that have asked for something, and what they were left to. */
type Owners = Map<Socket, SocketOwner | undefined>;

/** Responses on sockets that Node's HTTP server has no part in. */
const bare = new WeakMap<ServerResponse, Owners>();

interface PlainRequest {
  readonly url: string;
  readonly minor: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: string[];
}

/** The connections that Node's HTTP server knows nothing of. */
export interface BareSockets {
  /** Closes those that have asked for nothing yet. */
  closeSilent(): void;
  /** Closes all. */
  closeAll(): void;
}

/**
 * Serves the streams at this path on bare sockets. Call it before the server listens.
 *
 * @param firstBytesMs A connection that has asked for nothing by then is closed.
 */
export function serveBareSockets(server: Server, path: string, firstBytesMs: number = FIRST_BYTES_MS): BareSockets {
  const serve = server.listeners('connection') as ((socket: Socket) => void)[];
  /** Until when. */
  const silent = new Map<Socket, number>();
  const owners: Owners = new Map();
  function forget(this: Socket): void {
    silent.delete(this);
    const owner = owners.get(this);
    owners.delete(this);
    owner?.closed();
  }
  // Shared by all: a listener of its own for each socket would be a part of what is to be saved.
  function readFirst(this: Socket): void {
    silent.delete(this);
    const head = this.read() as Buffer | null;
    if (head === null) return void this.destroy();
    const request = parsePlain(head, path);
    if (request !== undefined) {
      owners.set(this, undefined);
      // Whoever sends more has not read that the connection ends with the stream; who ends it is gone, so nothing is left to do
      // for Node's own listener, and a list of two takes 100 bytes more than one.
      for (const listener of this.listeners('end')) this.off('end', listener as () => void);
      this.on('end', destroy).on('data', destroy);
      return open(server, this, request, owners);
    }
    this.off('error', destroy).off('close', forget).unshift(head);
    for (const listener of serve) listener.call(server, this);
  }
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    silent.set(socket, performance.now() + firstBytesMs);
    socket.on('error', destroy).on('close', forget).once('readable', readFirst);
  });
  const sweep = setInterval(() => {
    const now = performance.now();
    for (const [socket, deadline] of silent) if (now >= deadline) socket.destroy();
  }, firstBytesMs / 10).unref();
  server.once('close', () => clearInterval(sweep));
  const destroyAll = (sockets: Iterable<Socket>): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    closeSilent: () => destroyAll(silent.keys()),
    closeAll: () => {
      destroyAll(silent.keys());
      destroyAll(owners.keys());
    },
  };
}

/**
 * Leaves a socket to a stream, and tells it when the socket closes. When it is a bare one, nothing of the request is kept, and
 * no listener is added: one for each of thousands would take 400 bytes.
 */
export function leaveSocket(response: ServerResponse, socket: Socket, owner: SocketOwner): void {
  const owners = bare.get(response);
  if (owners === undefined) return void socket.once('close', () => owner.closed());
  response.detachSocket(socket);
  owners.set(socket, owner);
}

function open(server: Server, socket: Socket, plain: PlainRequest, owners: Owners): void {
  const { url, minor, headers, rawHeaders } = plain;
  const request = new IncomingMessage(socket);
  const version = { httpVersion: `1.${minor}`, httpVersionMajor: 1, httpVersionMinor: minor };
  Object.assign(request, { method: 'GET', url, ...version, headers, rawHeaders, complete: true });
  request.push(null);
  const response = new ServerResponse(request);
  bare.set(response, owners);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.destroySoon());
  server.emit('request', request, response);
}

function destroy(this: Socket): void {
  this.destroy();
}

function parsePlain(head: Buffer, path: string): PlainRequest | undefined {
  if (head.length > MAX_HEAD_BYTES) return undefined;
  const text = head.toString('latin1');
  if (!text.startsWith(`GET ${path}`) || text.indexOf('\r\n\r\n') !== text.length - 4) return undefined;
  const [first = '', ...lines] = text.slice(0, -4).split('\r\n');
  const [, url = '', minor] = REQUEST_LINE.exec(first) ?? [];
  if (url !== path && !url.startsWith(`${path}?`)) return undefined;
  const headers: IncomingHttpHeaders = Object.create(null) as IncomingHttpHeaders;
  const rawHeaders: string[] = [];
  for (const line of lines) {
    const [, name, value = ''] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined) return undefined;
    const key = name.toLowerCase();
    // Which of two counts is for Node to say.
    if (NOT_PLAIN.has(key) || key in headers) return undefined;
    headers[key] = value.trim();
    rawHeaders.push(name, value.trim());
  }
  if (minor === '1' && headers.host === undefined) return undefined;
  return { url, minor: Number(minor), headers, rawHeaders };
}
