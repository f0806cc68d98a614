import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Message } from '@flags/sync';
import { formatEnvelope, formatMessage } from '@flags/sync';

/** One request of a client, and the other end of it. */
export interface Exchange {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Whether the client asks for a stream; else for a snapshot. */
  readonly isStream: boolean;
  /** Whether both sides still hold the connection. */
  readonly isOpen: () => boolean;
  /** Starts the answer; with status 200 and the type that was asked for when not told otherwise. */
  respond(status?: number, headers?: Readonly<Record<string, string>>): void;
  /** Sends messages as the request wants them, with an answer around them if there is none yet. */
  send(...messages: readonly Message[]): void;
  write(bytes: Uint8Array | string): void;
  end(body?: string): void;
  /** Cuts the connection with a TCP reset. */
  reset(): void;
}

/** A server whose answers the case gives. */
export interface ScriptedServer {
  readonly url: string;
  readonly port: number;
  /** Every stream and snapshot that was asked for. */
  readonly exchanges: readonly Exchange[];
  /** Sockets that are open. */
  readonly open: number;
  /** Answers requests like this from now on. */
  script(script: (exchange: Exchange) => void): void;
  close(): Promise<void>;
}

/** Starts a server on the loopback; reports of clients are taken and forgotten. */
export async function startScriptedServer(first: (exchange: Exchange) => void): Promise<ScriptedServer> {
  let script = first;
  const exchanges: Exchange[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    if (request.method !== 'GET') return void response.writeHead(202).end();
    const exchange = exchangeOf(request.url ?? '', request.headers, response);
    exchanges.push(exchange);
    return script(exchange);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    exchanges,
    get open() {
      return sockets.size;
    },
    script: (next) => {
      script = next;
    },
    close: async () => {
      const closed = new Promise((resolve) => void server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function exchangeOf(path: string, headers: IncomingHttpHeaders, response: ServerResponse): Exchange {
  const isStream = headers.accept === 'text/event-stream';
  const respond = (status = 200, more: Readonly<Record<string, string>> = {}): void => {
    response.writeHead(status, { 'content-type': headers.accept ?? 'text/plain', ...more });
    response.flushHeaders();
  };
  return {
    path,
    headers,
    isStream,
    isOpen: () => !response.closed && response.socket?.destroyed === false,
    respond,
    send: (...messages) => {
      if (!response.headersSent) respond();
      for (const message of messages) response.write(isStream ? formatMessage(message) : formatEnvelope(message));
      if (!isStream) response.end();
    },
    write: (bytes) => void response.write(bytes),
    end: (body) => void response.end(body),
    reset: () => void response.socket?.resetAndDestroy(),
  };
}
