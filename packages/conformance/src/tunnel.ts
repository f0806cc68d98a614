import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { generate } from 'selfsigned';

/** TLS in front of a relay, and a proxy that leads there. */
export interface Tunnel {
  /** The relay's address over TLS. */
  readonly url: string;
  /** The proxy's address. */
  readonly proxy: string;
  /** Who vouches for the relay, as PEM. */
  readonly authority: string;
  /** How often the proxy was asked to lead somewhere. */
  readonly tunnels: () => number;
  readonly close: () => void;
}

/** Starts both. */
export async function startTunnel(relay: string): Promise<Tunnel> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  });
  const front = createTlsServer({ key, cert }, (incoming, outgoing) => {
    const { method, headers } = incoming;
    const onward = ask(relay + incoming.url, { method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders();
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  let tunnels = 0;
  const sockets = new Set<Socket>();
  const proxy = createServer((_, response) => response.writeHead(405).end());
  proxy.on('connect', (request, socket: Socket) => {
    tunnels += 1;
    const [host, port] = (request.url ?? '').split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  const port = await listen(front);
  return {
    url: `https://localhost:${port}`,
    proxy: `http://127.0.0.1:${await listen(proxy)}`,
    authority: cert,
    tunnels: () => tunnels,
    close: () => {
      for (const socket of sockets) socket.destroy();
      for (const server of [front, proxy]) server.close();
      front.closeAllConnections();
    },
  };
}

async function listen(server: Pick<Server, 'listen' | 'address' | 'once'>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server as Server, 'listening');
  return (server.address() as AddressInfo).port;
}
