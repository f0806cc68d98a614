import type { AddressInfo } from 'node:net';
import { steadyMs } from '../frame/processes.ts';

/** What a server is asked: to open a port for so many clients, to change something of about so many bytes, to say what it took so far. */
export type ServerQuestion =
  | {
      readonly ask: 'start';
      readonly port: number;
      readonly clients: number;
      readonly flags: number;
      readonly stallMs: number;
    }
  | { readonly ask: 'change'; readonly bytes: number }
  | { readonly ask: 'usage' };

/** Where it listens. */
export interface Listening {
  readonly port: number;
  readonly at: number;
}

/** When it was told to push, on the steady clock. */
export interface Pushed {
  readonly at: number;
}

/** What the process has taken so far. */
export interface Usage {
  readonly cpuMicroseconds: number;
  readonly rssBytes: number;
}

/** The one byte that each change has and nothing else does: whoever counts it needs not read the rest. */
export const MARKER = '~';

/** The server key of all clients. */
export const KEY = 'sk_benchmark_0123456789';

/** What this process has taken so far. */
export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuMicroseconds: user + system, rssBytes: process.memoryUsage.rss() };
}

/** Where a server listens, and since when. */
export function listening({ port }: Pick<AddressInfo, 'port'>): Listening {
  return { port, at: steadyMs() };
}
