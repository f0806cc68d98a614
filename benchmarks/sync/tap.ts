import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** What has passed a tap, with HTTP's bytes and without TLS's and TCP's. */
export interface Passed {
  /** To the client. */
  readonly received: number;
  /** By the client. */
  readonly sent: number;
  /** What the answers were: statuses, encodings and names of events, in their order. */
  readonly answers: readonly string[];
}

/** Stands between one client and its server, and counts. */
export interface Tap {
  readonly url: string;
  /** What has passed since the last call. */
  take(): Passed;
  /** When the last byte passed to the client, on the clock of `performance`; undefined after `take`. */
  readonly lastAt: () => number | undefined;
  /** Cuts all connections, and lets no new one through until `mend`. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

// A status may stand right behind a body.
const TOLD = /HTTP\/1\.1 (\d+) |^content-encoding: (\S+)\r$|^event: (\S+)$/gim;

/** Starts one in front of a port of this machine. */
export async function startTap(port: number): Promise<Tap> {
  const sockets = new Set<Socket>();
  const texts: string[][] = [];
  let [received, sent] = [0, 0];
  let lastAt: number | undefined;
  let isCut = false;

  const server = createServer({ noDelay: true }, (client) => {
    client.on('error', () => undefined);
    if (isCut) return void client.resetAndDestroy();
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true });
    upstream.on('error', () => undefined);
    let text: string[] = [];
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => {
        // A socket that was cut may still have had something to read.
        if (!sockets.has(from)) return;
        if (from === client) sent += bytes.length;
        else {
          received += bytes.length;
          lastAt = performance.now();
          if (!texts.includes(text)) texts.push((text = []));
          text.push(bytes.toString('latin1'));
        }
        to.write(bytes);
      });
      from.on('close', () => {
        sockets.delete(from);
        to.end();
      });
    }
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));

  const cut = (): void => {
    isCut = true;
    const all = [...sockets];
    sockets.clear();
    for (const socket of all) socket.resetAndDestroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => {
      const answers = texts.flatMap((pieces) =>
        [...pieces.join('').matchAll(TOLD)].map(([, status, encoding, event]) => status ?? encoding ?? event ?? ''),
      );
      const passed = { received, sent, answers };
      [received, sent, lastAt] = [0, 0, undefined];
      texts.length = 0;
      return passed;
    },
    lastAt: () => lastAt,
    cut,
    mend: () => {
      isCut = false;
    },
    close: () => {
      cut();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}
