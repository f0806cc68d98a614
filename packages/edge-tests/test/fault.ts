import { setTimeout as sleep } from 'node:timers/promises';
import { Miniflare } from 'miniflare';
import { expect, test } from 'vitest';
import { bundle } from '../src/bundle.ts';
import type { Harm } from '../src/fault-worker.ts';
import { startCountingProxy } from '../src/counting-proxy.ts';
import type { CountingProxy } from '../src/counting-proxy.ts';
import { startTestRelay } from '../src/relay.ts';
import type { TestRelay } from '../src/relay.ts';

/** What an isolate answers with. */
export interface Reading {
  readonly value: string;
  readonly source?: string;
  readonly stale: boolean;
  /** What it holds: `epoch.version.hash`. */
  readonly position?: string;
  readonly problem?: string;
  /** Writes that the store refused because they came too soon. */
  readonly refused: number;
}

/** The store as an operator sees it. */
export interface Kv {
  get(key: string): Promise<string | null>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

/** A Worker in workerd. */
export interface EdgeWorker {
  read(path?: '/' | '/alone'): Promise<Reading>;
  page(): Promise<Response>;
  harm(harm: Harm): Promise<void>;
  /** The platform ends its Durable Object. */
  endObject(): Promise<void>;
  /** Ends its isolate and starts one that knows nothing; the store stays. */
  restart(bindings?: object): Promise<void>;
  readonly kv: Kv;
}

/** What a case has at hand. Everything it opens is closed when it is over, last first. */
export interface EdgeBench {
  owns<T extends { close(): unknown }>(thing: T): T;
  /** A relay whose flag gives `one`, and what stands before it. */
  origin(
    more?: Parameters<typeof startTestRelay>[1],
  ): Promise<{ readonly relay: TestRelay; readonly proxy: CountingProxy }>;
  /** A Worker that asks this address, and is read all the time while something is waited for. */
  worker(url: string, key: string, bindings?: object): Promise<EdgeWorker>;
  /**
   * Starts the isolate anew: its first answer comes from the store, with this value. A store gets half a second, which a machine that
   * is busy may take: then it is started once more.
   */
  fromStore(worker: EdgeWorker, value: string): Promise<void>;
  /** Waits until something holds of what the Worker answers, the case's bound at most, and notes how long that took. */
  converged(what: string, worker: EdgeWorker, holds: (reading: Reading) => boolean | Promise<boolean>): Promise<void>;
}

const NO_VALUE = 'default';
const versionOf = ({ position }: Reading): number => Number(position?.split('.')[1] ?? 0);

/** Looks at all that one isolate answers: once it has served a value it never goes back to the default, nor to an older state. */
function createWatch(): (reading: Reading) => Reading {
  let last: Reading | undefined;
  return (reading) => {
    if (last !== undefined && last.value !== NO_VALUE) expect(reading.value).not.toBe(NO_VALUE);
    if (last !== undefined) expect(versionOf(reading)).toBeGreaterThanOrEqual(versionOf(last));
    last = reading;
    return reading;
  };
}

async function startWorker(url: string, key: string, first: object): Promise<EdgeWorker & { close(): Promise<void> }> {
  const script = await bundle('fault-worker.ts', 'esm');
  const options = (bindings: object) => ({
    modules: true,
    script,
    compatibilityDate: '2026-07-01',
    cf: false as const,
    kvNamespaces: ['KV'],
    durableObjects: { OBJECT: 'FlagsObject' },
    bindings: { RELAY_URL: url, KEY: key, ...bindings },
  });
  const miniflare = new Miniflare(options(first));
  await miniflare.ready;
  let watch = createWatch();
  const ask = (path: string, body?: object) =>
    miniflare.dispatchFetch(`http://worker.test${path}`, body && { method: 'POST', body: JSON.stringify(body) });
  // What it gives is of one start.
  const store = async (): Promise<Kv> => miniflare.getKVNamespace('KV');
  return {
    read: async (path = '/') => {
      const response = await ask(path);
      expect(response.status).toBe(200);
      return watch((await response.json()) as Reading);
    },
    page: async () => (await ask('/page')) as unknown as Response,
    harm: async (harm) => void (await ask('/harm', harm)),
    endObject: async () => void (await ask('/end')),
    restart: async (bindings = {}) => {
      // What differs starts it anew.
      await miniflare.setOptions(options({ ...first, ...bindings, START: String(performance.now()) }));
      watch = createWatch();
    },
    kv: {
      get: async (key) => (await store()).get(key),
      put: async (key, value) => (await store()).put(key, value),
      delete: async (key) => (await store()).delete(key),
    },
    close: () => miniflare.dispose(),
  };
}

/**
 * A case of docs/reliability.md in real workerd: no read fails, an isolate that has served a value never goes back to the default or to
 * an older state, and it has to converge within the bound.
 *
 * @param bound Milliseconds.
 */
export function fault(name: string, bound: number, body: (bench: EdgeBench) => Promise<void>): void {
  // oxlint-disable-next-line vitest/valid-title -- the case names it
  test.concurrent(name, { timeout: 2 * bound + 30_000 }, async ({ annotate }) => {
    let slowest = { what: '', took: -1 };
    const opened: { close(): unknown }[] = [];
    const bench: EdgeBench = {
      owns: (thing) => {
        opened.push(thing);
        return thing;
      },
      origin: async (more) => {
        const relay = bench.owns(await startTestRelay('one', more));
        return { relay, proxy: bench.owns(await startCountingProxy(relay.url)) };
      },
      worker: async (url, key, bindings = {}) => bench.owns(await startWorker(url, key, bindings)),
      fromStore: async (worker, value) => {
        for (let left = 3; left > 0; left--) {
          await worker.restart();
          const first = await worker.read();
          if (left > 1 && first.source !== 'cache') continue;
          expect(first).toMatchObject({ value, source: 'cache' });
          return;
        }
      },
      converged: async (what, worker, holds) => {
        const start = performance.now();
        while (!(await holds(await worker.read()))) {
          if (performance.now() - start > bound) throw new Error(`${what}: not within ${bound} ms`);
          await sleep(25);
        }
        const took = performance.now() - start;
        if (took > slowest.took) slowest = { what, took };
      },
    };
    try {
      await body(bench);
      expect(slowest.took, 'a case has to converge').toBeGreaterThanOrEqual(0);
      await annotate(`${slowest.what}: ${slowest.took.toFixed(0)} ms of ${bound}`);
    } finally {
      for (const thing of opened.reverse()) await thing.close();
    }
  });
}
