import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What stands between a runtime and its relay, and counts. */
export interface CountingProxy {
  readonly url: string;
  /** Paths that were asked for, without their queries. */
  readonly paths: string[];
  /** Cuts all connections, and answers nothing until told otherwise. */
  cut(isCut: boolean): void;
  /** Keeps each request for this long before it passes it on. */
  delay(ms: number): void;
  /** Passes on to another address from now on. */
  pointAt(target: string): void;
  close(): void;
}

/** Starts a proxy before this address. */
export async function startCountingProxy(first: string): Promise<CountingProxy> {
  const paths: string[] = [];
  let target = first;
  let isCut = false;
  let delayMs = 0;
  const server = createServer(async (incoming, outgoing) => {
    if (isCut) return void incoming.socket.destroy();
    paths.push((incoming.url ?? '').replace(/\?.*$/, ''));
    if (delayMs > 0) await sleep(delayMs);
    if (outgoing.destroyed) return undefined;
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
    delay: (ms) => {
      delayMs = ms;
    },
    pointAt: (next) => {
      target = next;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
