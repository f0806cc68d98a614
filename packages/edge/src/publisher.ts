import type { Clock, HeldState } from '@flags/sync';
import { comparePositions } from '@flags/sync';
import type { EdgeKv, KvSettings } from './kv.ts';
import { createKvTier } from './kv.ts';

/** Keeps a store told of the newest state, for isolates that read it. */
export interface KvPublisher {
  /** This is the newest state, now. Writes it, or only that it still is; states that were overtaken meanwhile are left out. */
  publish(held: HeldState): void;
  /** Resolves once all that was published is written, or could not be. Never rejects. */
  flush(): Promise<void>;
}

/** What publishing takes. */
export interface PublisherSettings {
  /** What the states are shown to: keys of which kind. */
  readonly view: KvSettings['view'];
  readonly clock: Clock;
  /** Hears of a store that takes nothing, and that it does again. */
  readonly onWritten?: ((isWritten: boolean) => void) | undefined;
}

/** Stores such as Cloudflare KV take one write a second for each key. */
const INTERVAL = 1_000;
const TIMEOUT = 10_000;

/**
 * Writes a state and then the head that names it, at most once a second. A head that is newer stays: it is of a publisher that heard
 * sooner.
 */
export function createKvPublisher(kv: EdgeKv, { view, clock, onWritten }: PublisherSettings): KvPublisher {
  const tier = createKvTier(kv, { view, timeoutMs: TIMEOUT, clock, compileOptions: {} });
  let next: HeldState | undefined;
  let lastAt = -Infinity;
  let running: Promise<void> | undefined;

  async function write(held: HeldState): Promise<void> {
    const head = await tier.head();
    if (head !== undefined && comparePositions(head.position, held.position) > 0) return;
    const isWritten = await tier.write(held, clock.now(), head);
    onWritten?.(isWritten);
  }

  async function run(): Promise<void> {
    while (next !== undefined) {
      const wait = lastAt + INTERVAL - clock.monotonic();
      if (wait > 0) await new Promise<void>((resolve) => void clock.after(wait, resolve));
      const held = next;
      next = undefined;
      await write(held);
      lastAt = clock.monotonic();
    }
    running = undefined;
  }

  return {
    publish: (held) => {
      next = held;
      running ??= run();
    },
    flush: async () => {
      await running;
    },
  };
}
