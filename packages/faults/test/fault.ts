import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@flags/node';
import type { ClientOptions, FlagClient } from '@flags/sync';
import { expect, test } from 'vitest';
import { watchHandles } from '../src/handles.ts';

/** The flag that every case reads, all the time. */
export const FLAG = 'checkout';
/** A server key that every relay of a case knows. */
export const KEY = 'sk_0123456789abcdef';

/** What a case has at hand. Everything it opens is closed when it is over, last first. */
export interface Bench {
  owns<T extends { close(): unknown }>(thing: T): T;
  /** A client of `@flags/node`, closed when the case is over, and read all the time until then. */
  client(url: string, options?: Partial<ClientOptions> & { readonly cache?: string }): FlagClient;
  /**
   * Waits until something holds, the case's bound at most, and notes how long that took. Meanwhile no read may throw, and no
   * client that has served a value may fall back to the caller's default.
   */
  converged(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
  /** The same, without a note: on the way to what the case is about. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>;
}

const NO_VALUE = 'the default of the caller';
const CLOSING_MS = 10_000;

/**
 * A case of docs/reliability.md over real sockets: it has to converge within the bound, and to leave nothing behind.
 *
 * @param bound Milliseconds.
 */
export function fault(name: string, bound: number, body: (bench: Bench) => Promise<void>): void {
  // oxlint-disable-next-line vitest/valid-title -- the case names it
  test(name, { timeout: 2 * bound + 3 * CLOSING_MS }, async ({ annotate }) => {
    let slowest = { what: '', took: -1 };
    const handles = watchHandles();
    const opened: { close(): unknown }[] = [];
    const clients = new Set<FlagClient>();
    const served = new Set<FlagClient>();
    const read = (): void => {
      for (const client of clients) {
        const value: unknown = client.value(FLAG, NO_VALUE);
        if (value !== NO_VALUE) served.add(client);
        else if (served.has(client)) throw new Error('a client that had served a value went back to the default');
      }
    };
    const wait = async (what: string, holds: () => boolean | Promise<boolean>, ms: number): Promise<number> => {
      const start = performance.now();
      for (;;) {
        read();
        if (await holds()) return performance.now() - start;
        if (performance.now() - start > ms) throw new Error(`${what}: not within ${ms} ms`);
        await sleep(5);
      }
    };
    const bench: Bench = {
      owns: (thing) => {
        opened.push(thing);
        return thing;
      },
      client: (url, options) => {
        const client = bench.owns(createClient({ url, key: KEY, exposures: false, ...options }));
        clients.add(client);
        return client;
      },
      converged: async (what, holds) => {
        const took = await wait(what, holds, bound);
        if (took > slowest.took) slowest = { what, took };
      },
      until: async (holds) => {
        await wait('a step on the way', holds, bound + CLOSING_MS);
      },
    };
    try {
      await body(bench);
      await annotate(`${slowest.what}: ${slowest.took.toFixed(0)} ms of ${bound}`);
    } finally {
      for (const thing of opened.reverse()) await thing.close();
      handles.end();
      // Handles that are closed go in a later turn.
      for (let left = CLOSING_MS; left > 0 && handles.left().length > 0; left -= 10) await sleep(10);
      handles.stop();
    }
    expect(handles.left(), 'nothing may be left behind').toEqual([]);
  });
}
