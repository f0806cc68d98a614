import type { ClientOptions, FlagClient, Policy, Transport } from '@flags/sync';
import { createFlagClient } from '@flags/sync';
import type { FakeClock, ScriptedRequest, ScriptedTransport } from '@flags/sync/testing';
import { createFakeClock, createScriptedTransport } from '@flags/sync/testing';
import { expect, test } from 'vitest';
import { FLAG, KEY } from './fault.ts';

/** What a case on a fake clock has at hand. */
export interface FakeBench {
  readonly clock: FakeClock;
  /** Uniform, and the same in every run. */
  readonly random: () => number;
  /** A client whose requests are answered by the script. */
  client(script: (request: ScriptedRequest) => void, options?: FakeClientOptions): FakeClient;
  /** Lets time pass until something holds: the case's bound at most. */
  converged(what: string, holds: () => boolean): void;
}

/** How a client of a case differs from what is usual. */
export interface FakeClientOptions extends Partial<ClientOptions> {
  readonly clock?: FakeClient['clock'];
  readonly policy?: Partial<Policy>;
}

/** A client, and its side of the wire. */
export interface FakeClient {
  readonly flags: FlagClient;
  readonly transport: ScriptedTransport;
  readonly clock: Pick<FakeClock, 'now' | 'monotonic' | 'after'>;
}

const STEP_MS = 50;
const NO_VALUE = 'the default of the caller';

/** Whether a request asks for a stream. */
export function isStream({ request }: ScriptedRequest): boolean {
  return request.headers['accept'] === 'text/event-stream';
}

/**
 * A case of docs/reliability.md on a fake clock: it has to converge within the bound, with one stream and one poll at most at
 * any moment, and to leave neither request nor timer behind.
 *
 * @param bound Milliseconds of that clock.
 */
export function faultInFakeTime(name: string, bound: number, body: (bench: FakeBench) => Promise<void> | void): void {
  // oxlint-disable-next-line vitest/valid-title -- the case names it
  test(name, { timeout: 30_000 }, async ({ annotate }) => {
    const clock = createFakeClock();
    const random = createRandom();
    const clients: FlagClient[] = [];
    const wires: Wire[] = [];
    let slowest = { what: '', took: -1 };
    const bench: FakeBench = {
      clock,
      random,
      client: (script, { clock: own = clock, policy, ...options } = {}) => {
        const transport = createScriptedTransport(script);
        const wire = watchWire(transport);
        wires.push(wire);
        const flags = createFlagClient(
          { url: 'http://relay', key: KEY, ...options },
          { transport: wire.transport, clock: own, random },
          policy,
        );
        clients.push(flags);
        return { flags, transport, clock: own };
      },
      converged: (what, holds) => {
        const start = clock.monotonic();
        const served = new Set<FlagClient>();
        while (!holds()) {
          if (clock.monotonic() - start >= bound) throw new Error(`${what}: not within ${bound} ms`);
          clock.advance(STEP_MS);
          for (const client of clients) {
            const value: unknown = client.value(FLAG, NO_VALUE);
            if (value !== NO_VALUE) served.add(client);
            else if (served.has(client)) throw new Error('a client that had served a value went back to the default');
          }
        }
        const took = clock.monotonic() - start;
        if (took > slowest.took) slowest = { what, took };
      },
    };
    try {
      await body(bench);
    } finally {
      await Promise.all(clients.map((client) => client.close()));
    }
    await annotate(`${slowest.what}: ${slowest.took} ms of ${bound} on the fake clock`);
    expect(clock.pending()).toBe(0);
    for (const wire of wires)
      expect(wire.report()).toEqual({
        open: 0,
        mostStreams: expect.toSatisfy(isOneAtMost),
        mostPolls: expect.toSatisfy(isOneAtMost),
      });
  });
}

const isOneAtMost = (count: number): boolean => count <= 1;

interface Wire {
  readonly transport: Transport;
  report(): { readonly open: number; readonly mostStreams: number; readonly mostPolls: number };
}

/** Counts the requests that are under way. */
function watchWire(transport: Transport): Wire {
  const open = { streams: 0, polls: 0 };
  const most = { streams: 0, polls: 0 };
  return {
    transport: {
      open: (request, receiver) => {
        const kind = request.headers['accept'] === 'text/event-stream' ? 'streams' : 'polls';
        open[kind] += 1;
        most[kind] = Math.max(most[kind], open[kind]);
        let over = false;
        const end = (): void => {
          if (!over) open[kind] -= 1;
          over = true;
        };
        const connection = transport.open(request, {
          ...receiver,
          end: (problem) => {
            end();
            receiver.end(problem);
          },
        });
        return {
          close: () => {
            end();
            connection.close();
          },
        };
      },
    },
    report: () => ({ open: open.streams + open.polls, mostStreams: most.streams, mostPolls: most.polls }),
  };
}

/** Mulberry32: small, uniform enough, and repeatable. */
function createRandom(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
