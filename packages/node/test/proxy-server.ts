import { createServer, request as requestHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** A real proxy on the loopback: absolute addresses, and tunnels. */
export interface TestProxy {
  readonly url: string;
  /** What it was asked for: `GET http://…` or `CONNECT host:port`, with the headers it could read. */
  readonly requests: readonly { readonly line: string; readonly headers: IncomingMessage['headers'] }[];
  /** Every byte it passed on, as text. */
  readonly seen: () => string;
  readonly close: () => Promise<void>;
}

/** Starts a proxy. One that is given a login refuses who does not say it. */
export async function startProxy(login?: string): Promise<TestProxy> {
  const requests: { line: string; headers: IncomingMessage['headers'] }[] = [];
  const sockets = new Set<Socket>();
  let seen = '';
  const isRefused = (request: IncomingMessage): boolean => {
    requests.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    return login !== undefined && request.headers['proxy-authorization'] !== `Basic ${btoa(login)}`;
  };
  const server = createServer((request, response) => {
    if (isRefused(request)) return void response.writeHead(407).end();
    const { host: _host, 'proxy-authorization': _login, ...headers } = request.headers;
    const onward = requestHttp(request.url ?? '', { method: request.method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
    return undefined;
  });
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    if (isRefused(request)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const [host, port] = (request.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      socket.on('data', (chunk: Buffer) => (seen += chunk.toString('latin1')));
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    socket.on('close', () => onward.destroy());
    return undefined;
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    seen: () => seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
