import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Damage } from './damage.ts';
import { createHarm } from './damage.ts';

/** A TCP proxy on the loopback that does harm when told to. */
export interface FaultProxy {
  readonly url: string;
  /** Connections that are open on the clients' side. */
  readonly open: number;
  /** Connections taken so far. */
  readonly accepted: number;
  /** What happens to bytes from now on, on connections that are there and on new ones. */
  damage(damage: Damage): void;
  /** New connections go to this port instead. */
  retarget(port: number): void;
  /** Cuts every connection with a TCP reset, on both sides. */
  reset(): void;
  /** Ends the direction to the clients of every connection; the other one stays open. */
  halfClose(): void;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  /** Both sides believe in a connection over which nothing comes any more, not even its end. */
  dark: boolean;
}

/** Where a proxy leads, and how it listens. */
export interface FaultProxyOptions {
  readonly port: number;
  /** How many connections the system keeps until they are accepted; what comes above that has to try again. */
  readonly backlog?: number;
}

/** Starts a proxy in front of a port of this machine. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  const closing = new AbortController();
  let { port } = options;
  let damage: Damage = { kind: 'pass' };
  let accepted = 0;

  const pump = async (pair: Pair, from: Socket, to: Socket, damage: () => Damage): Promise<void> => {
    const harm = createHarm(damage, closing.signal);
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        for await (const piece of harm.push(chunk)) {
          if (pair.dark || to.destroyed) continue;
          // Waiting for the reader keeps the writer waiting, as a slow network does.
          if (!to.write(piece)) await drained(to);
        }
      }
      if (!pair.dark) to.end(harm.rest());
    } catch {
      if (!pair.dark) to.resetAndDestroy();
    }
  };

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    accepted += 1;
    client.on('error', () => {});
    if (damage.kind === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    upstream.on('error', () => {});
    const pair: Pair = { client, upstream, dark: damage.kind === 'blackhole' };
    pairs.add(pair);
    let left = 2;
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('close', () => {
        left -= 1;
        if (left === 0) pairs.delete(pair);
        if (!pair.dark && !other.destroyed) other.end();
      });
    }
    void pump(pair, upstream, client, () => damage);
    void pump(pair, client, upstream, () => ({ kind: 'pass' }));
  });
  await new Promise<void>((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', ...(options.backlog && { backlog: options.backlog }) }, resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get open() {
      let count = 0;
      for (const { client } of pairs) if (!client.destroyed) count += 1;
      return count;
    },
    get accepted() {
      return accepted;
    },
    damage: (next) => {
      damage = next;
      if (next.kind === 'blackhole') for (const pair of pairs) pair.dark = true;
    },
    retarget: (next) => {
      port = next;
    },
    reset: () => {
      for (const { client, upstream } of pairs) {
        client.resetAndDestroy();
        upstream.resetAndDestroy();
      }
    },
    halfClose: () => {
      for (const { client } of pairs) client.end();
    },
    close: async () => {
      closing.abort();
      const closed = new Promise((resolve) => void server.close(resolve));
      for (const { client, upstream } of pairs) {
        client.destroy();
        upstream.destroy();
      }
      await closed;
    },
  };
}

/** Until a socket takes more, or never will. */
async function drained(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}
