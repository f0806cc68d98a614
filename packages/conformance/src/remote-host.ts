import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { startTestRelay } from '@flags/browser-tests/relay';
import type { TestRelay } from '@flags/browser-tests/relay';
import type { News, Order, RemoteRelay } from './suites/remote.ts';

/** Servers and relays that obey a suite in another runtime. */
export interface RemoteHost {
  readonly url: string;
  startRelay(first: string): Promise<RemoteRelay>;
  close(): Promise<void>;
}

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, content-type, last-event-id, accept',
  'access-control-expose-headers': 'retry-after',
};
// Who asks for news waits this long for some.
const NEWS_WITHIN_MS = 500;

/** Starts what obeys. */
export async function startRemoteHost(): Promise<RemoteHost> {
  const servers = new Map<number, Server>();
  const responses = new Map<number, ServerResponse>();
  const relays = new Map<string, TestRelay>();
  const news: News[] = [];
  let wake = (): void => {};
  let exchanges = 0;

  const tell = (one: News): void => {
    news.push(one);
    wake();
  };

  function receive(server: number, request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'OPTIONS') return void response.writeHead(204, CORS).end();
    const exchange = ++exchanges;
    responses.set(exchange, response);
    const headers = request.headers as Record<string, string | undefined>;
    tell({ type: 'request', server, exchange, method: request.method ?? '', path: request.url ?? '', headers });
    response.on('close', () => tell({ type: 'gone', exchange }));
    // A request that is cut has no body.
    text(request).then(
      (body) => tell({ type: 'body', exchange, text: body }),
      () => {},
    );
  }

  async function startRelay(first: string): Promise<RemoteRelay> {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const signingKey = String(privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const relay = await startTestRelay(first, { signingKey });
    relays.set(relay.url, relay);
    return { url: relay.url, key: relay.key, publicKey: publicKey.export({ format: 'jwk' }).x ?? '' };
  }

  async function obey(order: Order): Promise<unknown> {
    switch (order.do) {
      case 'serve': {
        const server = createServer((request, response) => receive(order.server, request, response));
        servers.set(order.server, server);
        return listen(server);
      }
      case 'unserve':
        return closeServer(servers.get(order.server));
      case 'relay':
        return startRelay(order.first);
      case 'set':
        return relays.get(order.relay)?.set(order.value);
      case 'streams':
        return relays.get(order.relay)?.streams();
      case 'respond':
        responses
          .get(order.exchange)
          ?.writeHead(order.status, { ...CORS, ...order.headers })
          .flushHeaders();
        return undefined;
      case 'write':
        return void responses.get(order.exchange)?.write(order.text);
      case 'write-bytes':
        return void responses.get(order.exchange)?.write(Uint8Array.from(order.bytes));
      case 'end':
        return void responses.get(order.exchange)?.end();
      case 'cut':
        return void responses.get(order.exchange)?.destroy();
    }
  }

  async function answer(request: IncomingMessage): Promise<unknown> {
    if (request.url === '/order') return { value: (await obey(JSON.parse(await text(request)) as Order)) ?? null };
    if (news.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        setTimeout(resolve, NEWS_WITHIN_MS);
      });
    }
    return news.splice(0);
  }

  const control = createServer((request, response) => {
    const headers = { ...CORS, 'content-type': 'application/json' };
    answer(request).then(
      (value) => response.writeHead(200, headers).end(JSON.stringify(value)),
      (error: unknown) => response.writeHead(500, CORS).end(String(error)),
    );
  });
  return {
    url: await listen(control),
    startRelay,
    close: async () => {
      for (const relay of relays.values()) await relay.close();
      for (const server of [...servers.values(), control]) await closeServer(server);
    },
  };
}

async function listen(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closeServer(server: Server | undefined): Promise<void> {
  server?.closeAllConnections();
  if (server?.listening) {
    await new Promise((done) => {
      server.close(done);
    });
  }
}
