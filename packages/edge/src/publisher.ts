import type { Clock, HeldState } from '@flags/sync';
import { comparePositions } from '@flags/sync';
import { systemClock } from './clock.ts';
import type { EdgeKv, KvSettings } from './kv.ts';
import { KvError } from './kv-error.ts';
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
  /** Hears what became of each attempt. */
  readonly onOutcome?: ((outcome: PublishOutcome) => void) | undefined;
}

/** What became of an attempt: written; or the store names a newer state already; or it failed, with a line for people without secrets. */
export type PublishOutcome =
  | { readonly kind: 'written' }
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Stores such as Cloudflare KV take one write a second for each key. */
const INTERVAL = 1_000;
const TIMEOUT = 10_000;

/**
 * Writes a state and then the head that names it, at most once a second. A head that is newer stays: it is of a publisher that heard
 * sooner.
 */
export function createKvPublisher(
  kv: EdgeKv,
  { view, current, clock = systemClock, onOutcome }: PublisherSettings,
): KvPublisher {
  const watched = watch(kv);
  const tier = createKvTier(watched.kv, { view, timeoutMs: TIMEOUT, clock, compileOptions: {} });
  let isWanted = false;
  let lastAt = -Infinity;
  let running: Promise<void> | undefined;

  async function write(): Promise<PublishOutcome | undefined> {
    const held = current();
    if (held === undefined) return undefined;
    const attempt = watched.begin();
    const head = await tier.head();
    // Of a store that does not say what it has nobody knows whether that is newer.
    if (!attempt.hasRead) return { kind: 'failed', reason: attempt.reason };
    if (head !== undefined && comparePositions(head.position, held.position) > 0) return { kind: 'overtaken' };
    if (await tier.write(held, clock.now(), head)) return { kind: 'written' };
    return { kind: 'failed', reason: attempt.reason };
  }

  async function run(): Promise<void> {
    while (isWanted) {
      const wait = lastAt + INTERVAL - clock.monotonic();
      if (wait > 0) await new Promise<void>((resolve) => void clock.after(wait, resolve));
      isWanted = false;
      const outcome = await write();
      if (outcome !== undefined) onOutcome?.(outcome);
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

interface Attempt {
  /** Whether the store has said what it has. */
  hasRead: boolean;
  /** Why it came to nothing, where it did. */
  reason: string;
}

/** The same store, which notes what went wrong with it. */
function watch(kv: EdgeKv): { readonly kv: EdgeKv; begin(): Attempt } {
  let attempt: Attempt;
  const note = async <T>(run: () => Promise<T>): Promise<T> => {
    const of = attempt;
    try {
      return await run();
    } catch (error) {
      of.reason = reasonOf(error);
      throw error;
    }
  };
  const { put, delete: drop } = kv;
  return {
    kv: {
      get: async (key) => {
        const of = attempt;
        const text = await note(async () => kv.get(key));
        of.hasRead = true;
        return text;
      },
      ...(put && { put: (key: string, value: string) => note(async () => put.call(kv, key, value)) }),
      ...(drop && { delete: (key: string) => drop.call(kv, key) }),
    },
    begin: () => (attempt = { hasRead: false, reason: `no answer within ${TIMEOUT / 1_000} s` }),
  };
}

/** What others say of an error may quote what was sent. */
function reasonOf(error: unknown): string {
  if (error instanceof KvError) return error.message;
  const { cause, code = (cause as { readonly code?: unknown } | undefined)?.code } = (error ?? {}) as {
    readonly cause?: unknown;
    readonly code?: unknown;
  };
  return typeof code === 'string' && /^\w+$/.test(code) ? `the request failed (${code})` : 'the request failed';
}
