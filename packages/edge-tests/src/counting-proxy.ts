import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What stands between a runtime and its relay, and counts. */
export interface CountingProxy {
  readonly url: string;
  /** Paths that were asked for, without their queries. */
  readonly paths: string[];
  /** Cuts all connections, and answers nothing until told otherwise. */
  cut(isCut: boolean): void;
  close(): void;
}

/** Starts a proxy before this address. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const paths: string[] = [];
  let isCut = false;
  const server = createServer((incoming, outgoing) => {
    if (isCut) return void incoming.socket.destroy();
    paths.push((incoming.url ?? '').replace(/\?.*$/, ''));
    const { method, headers } = incoming;
    const forwarded = ask(target + incoming.url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      outgoing.flushHeaders();
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    return void incoming.pipe(forwarded);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths,
    cut: (next) => {
      isCut = next;
      if (isCut) server.closeAllConnections();
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
