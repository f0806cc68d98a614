import type { CompileOptions } from '@flags/core';
import type { HeldState } from '../protocol/change.ts';
import type { KeyProvider } from './options.ts';
import type { Clock, Logger, Store } from './ports.ts';
import { formatSnapshot, parseSnapshot } from './snapshot.ts';
import type { SumOf } from './snapshot.ts';

/** Keeps the rules from one run of the program to the next. */
export interface Snapshots {
  /** The rules of the last run; `undefined` when there are none to be trusted, and the logger knows why. */
  load(): HeldState | undefined;
  /** Has these rules written before long. */
  save(held: HeldState): void;
  /** Writes what waits to be written, now. Never rejects. */
  flush(): Promise<void>;
}

/** What the client tells the part that keeps its rules. */
export interface SnapshotSettings {
  /** Empty when the client is offline; it then takes rules of any url and key. */
  readonly url: string;
  readonly key: string | KeyProvider;
  readonly compileOptions: CompileOptions;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Makes the part that keeps a client's rules. */
export type CreateSnapshots = (settings: SnapshotSettings) => Snapshots;

// Least time between the starts of two writes, in milliseconds: rules that change all the time cost the disk little.
const WRITE_INTERVAL = 5_000;

/**
 * Keeps rules in a store. The first are written at once, so that a short program leaves them for the next; later ones at most
 * every 5 s. A store that fails is reported once, and again only after it had worked; the client goes on from memory.
 *
 * @param sumOf Shows that a text is whole, and names what the rules belong to, so that the store never holds the key itself.
 */
export function createSnapshots(store: Store, sumOf: SumOf): CreateSnapshots {
  return ({ url, key, compileOptions, logger, clock }) => {
    // A key that is fetched is not known yet; the url alone has to do.
    const scope = url === '' ? undefined : sumOf(JSON.stringify([url, typeof key === 'string' ? key : null]));
    let waiting: HeldState | undefined;
    let writing: Promise<void> | undefined;
    let cancelTimer: (() => void) | undefined;
    let lastAt = -Infinity;
    let isFailing = false;

    async function write(held: HeldState): Promise<void> {
      lastAt = clock.monotonic();
      try {
        await store.write(formatSnapshot(held, scope ?? '', sumOf));
        if (isFailing) logger.info('The cache can be written again.');
        isFailing = false;
      } catch (error) {
        if (!isFailing) logger.warn(`The cache cannot be written (${codeOf(error)}). Rules are kept in memory alone.`);
        isFailing = true;
      }
      writing = undefined;
      plan();
    }

    function begin(): Promise<void> | undefined {
      cancelTimer?.();
      cancelTimer = undefined;
      if (writing !== undefined || waiting === undefined) return writing;
      const held = waiting;
      waiting = undefined;
      // Not at once: whoever brought the rules comes first.
      writing = Promise.resolve().then(() => write(held));
      return writing;
    }

    function plan(): void {
      if (waiting === undefined || writing !== undefined || cancelTimer !== undefined) return;
      const delay = lastAt + WRITE_INTERVAL - clock.monotonic();
      // A timer would let a program end that has nothing else to do; a write keeps it alive until it is done.
      if (delay <= 0) void begin();
      else cancelTimer = clock.after(delay, () => void begin());
    }

    return {
      load: () => {
        let found: HeldState | string | undefined;
        try {
          const text = store.read();
          found = text === undefined ? undefined : parseSnapshot(text, scope, sumOf, compileOptions);
        } catch (error) {
          found = `it cannot be read (${codeOf(error)})`;
        }
        if (typeof found !== 'string') return found;
        logger.warn(`The cache is not used: ${found}. The next rules replace it.`);
        return undefined;
      },
      save: (held) => {
        waiting = held;
        plan();
      },
      flush: async () => {
        for (let next = begin(); next !== undefined; next = begin()) await next;
      },
    };
  };
}

/** An error in a word: its message may quote paths or what was to be written. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'the store failed';
}
