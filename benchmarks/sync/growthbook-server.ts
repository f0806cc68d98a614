import type { ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** A server that GrowthBook's SDKs get flags from, and changes of them. */
export interface GrowthBookServer {
  readonly port: number;
  /** Everybody who streams gets the whole payload. */
  publish(payload: string): void;
  close(): Promise<void>;
}

/** The name of an environment, which stands in every path. */
export const CLIENT_KEY = 'sdk-benchmark';

/**
 * Answers as GrowthBook's own proxy does: `/api/features/<key>` is the payload, with the header that says that there is a stream;
 * `/sub/<key>` is that stream, silent until a change, which it sends as an event `features` with all flags. Who comes back with the
 * id of an older event gets the last one. The payload is compressed for those who take that, as by the network in front of GrowthBook's
 * cloud; the stream never is.
 */
export async function startGrowthBook(first: string): Promise<GrowthBookServer> {
  let payload = first;
  let id = 0;
  const streams = new Set<ServerResponse>();
  const event = (): string => `id: ${id}\nevent: features\ndata: ${payload}\n\n`;

  const server = createServer((request, response) => {
    if (request.url === `/api/features/${CLIENT_KEY}`) {
      const isCompressed = String(request.headers['accept-encoding']).includes('gzip');
      const body = isCompressed ? gzipSync(payload) : Buffer.from(payload);
      response.writeHead(200, {
        'content-type': 'application/json; charset=utf-8',
        'content-length': body.length,
        'x-sse-support': 'enabled',
        ...(isCompressed && { 'content-encoding': 'gzip' }),
      });
      return void response.end(body);
    }
    if (request.url !== `/sub/${CLIENT_KEY}`) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    // As many digits as the proxy's 10 s have, and less to wait.
    response.write('retry: 00100\n\n');
    const last = request.headers['last-event-id'];
    if (last !== undefined && Number(last) < id) response.write(event());
    streams.add(response);
    response.on('close', () => streams.delete(response));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as AddressInfo).port,
    publish: (next) => {
      payload = next;
      id += 1;
      for (const response of streams) response.write(event());
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}
