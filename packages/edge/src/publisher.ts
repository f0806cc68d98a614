import type { Clock, HeldState } from '@flags/sync';
import { comparePositions } from '@flags/sync';
import { systemClock } from './clock.ts';
import type { EdgeKv, KvSettings } from './kv.ts';
import { createKvTier } from './kv.ts';

/** Keeps a store told of the newest state, for isolates that read it. */
export interface KvPublisher {
  /** Something may be new, or time has passed: writes what is current then, or only that it still is. */
  publish(): void;
  /** Resolves once what was to be published is written, or could not be. Never rejects. */
  flush(): Promise<void>;
}

/** What publishing takes. */
export interface PublisherSettings {
  /** What the states are shown to: keys of which kind. */
  readonly view: KvSettings['view'];
  /** The newest state, as far as an origin has said so just now; asked for when it is to be written. */
  readonly current: () => HeldState | undefined;
  readonly clock?: Clock | undefined;
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
export function createKvPublisher(
  kv: EdgeKv,
  { view, current, clock = systemClock, onWritten }: PublisherSettings,
): KvPublisher {
  const tier = createKvTier(kv, { view, timeoutMs: TIMEOUT, clock, compileOptions: {} });
  let isWanted = false;
  let lastAt = -Infinity;
  let running: Promise<void> | undefined;

  async function write(): Promise<void> {
    const held = current();
    if (held === undefined) return;
    const head = await tier.head();
    if (head !== undefined && comparePositions(head.position, held.position) > 0) return;
    const isWritten = await tier.write(held, clock.now(), head);
    onWritten?.(isWritten);
  }

  async function run(): Promise<void> {
    while (isWanted) {
      const wait = lastAt + INTERVAL - clock.monotonic();
      if (wait > 0) await new Promise<void>((resolve) => void clock.after(wait, resolve));
      isWanted = false;
      await write();
      lastAt = clock.monotonic();
    }
    running = undefined;
  }

  return {
    publish: () => {
      isWanted = true;
      running ??= run();
    },
    flush: async () => {
      await running;
    },
  };
}
