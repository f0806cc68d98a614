import { xxh32 } from '@flags/core';
import type { CheckedOptions, Clock, HeldState, Position } from '@flags/sync';
import { formatPosition, formatSnapshot, parsePosition, parseSnapshot } from '@flags/sync';

/**
 * A store of texts near the isolate. What it holds may be old, damaged or missing: it is looked at, never trusted. Give it a
 * namespace or prefix of its own for each environment.
 */
export interface EdgeKv {
  /** What is kept under a key; nothing, or `null`, when there is nothing. May reject. */
  get(key: string): Promise<string | null | undefined>;
  /** Keeps it. A store without is only read. May reject. */
  put?(key: string, value: string): Promise<unknown>;
  /** Forgets it. Without, old states stay. May reject. */
  delete?(key: string): Promise<unknown>;
}

/** What a store says is the newest state, and when an origin last said so. */
export interface KvHead {
  readonly position: Position;
  /** Epoch milliseconds; never in the future. */
  readonly at: number;
  /** Positions whose states are still there, newest first. */
  readonly before: readonly string[];
}

/** One store as a tier. Nothing rejects, and nothing takes longer than the time it is given. */
export interface KvTier {
  readonly isWritable: boolean;
  head(): Promise<KvHead | undefined>;
  state(position: Position): Promise<HeldState | undefined>;
  /** Keeps a state, then says that it is the newest. `before` is the head that was there. Answers whether it did. */
  write(held: HeldState, at: number, before: KvHead | undefined): Promise<boolean>;
}

/** What stores are used with. */
export interface KvSettings {
  /** What the key is shown: keys of both kinds may share a store. */
  readonly view: 'server' | 'client';
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly compileOptions: CheckedOptions['compileOptions'];
}

// States before the newest that stay: a store may show an old head for a minute or so.
const KEPT = 3;

// Clocks of isolates differ by less.
const SKEW = 5_000;

// Against damage, for which 32 bits do. Against whoever may write there, pin keys.
const sumOf = (text: string): string => xxh32(text).toString(16);

/**
 * Reads and writes states in a store: `<view>/head` is `{ position, at, before }`, `<view>/rs/<position>` a snapshot that never changes.
 */
export function createKvTier(kv: EdgeKv, { view, timeoutMs, clock, compileOptions }: KvSettings): KvTier {
  const within = <T>(run: () => Promise<T>): Promise<T | undefined> =>
    new Promise((resolve) => {
      const cancel = clock.after(timeoutMs, () => resolve(undefined));
      const finish = (value?: T): void => {
        cancel();
        resolve(value);
      };
      // `run` may throw at once, too.
      Promise.resolve()
        .then(run)
        .then(finish, () => finish());
    });
  const rulesAt = (position: string): string => `${view}/rs/${position}`;
  return {
    isWritable: kv.put !== undefined,
    head: async () => readHead(await within(() => kv.get(`${view}/head`)), clock.now()),
    state: async (position) => {
      const text = await within(() => kv.get(rulesAt(formatPosition(position))));
      const held = typeof text === 'string' ? readState(text, compileOptions) : undefined;
      // What lies under the name of another state is damage as well.
      return held && formatPosition(held.position) === formatPosition(position) ? held : undefined;
    },
    write: async (held, at, head) => {
      const position = formatPosition(held.position);
      const known = head === undefined ? [] : [formatPosition(head.position), ...head.before];
      const before = known.filter((other) => other !== position);
      const isThere = head !== undefined && formatPosition(head.position) === position;
      const wrote = await within(async () => {
        if (!isThere) await kv.put?.(rulesAt(position), formatSnapshot(held, '', sumOf));
        await kv.put?.(`${view}/head`, JSON.stringify({ position, at, before: before.slice(0, KEPT) }));
        return true;
      });
      for (const old of before.slice(KEPT)) await within(async () => kv.delete?.(rulesAt(old)));
      return wrote === true;
    },
  };
}

function readState(text: string, options: CheckedOptions['compileOptions']): HeldState | undefined {
  try {
    const held = parseSnapshot(text, undefined, sumOf, options);
    return typeof held === 'string' ? undefined : held;
  } catch {
    return undefined;
  }
}

function readHead(text: unknown, now: number): KvHead | undefined {
  if (typeof text !== 'string' || text.length > 4_096) return undefined;
  try {
    const { position, at, before } = JSON.parse(text) as Partial<Record<keyof KvHead, unknown>>;
    const parsed = parsePosition(position);
    if (parsed === undefined) return undefined;
    const list = Array.isArray(before) ? before.filter((one) => parsePosition(one) !== undefined) : [];
    // A clock that is ahead, or a lie, must not keep isolates from asking.
    return { position: parsed, at: typeof at === 'number' && at <= now + SKEW ? Math.min(at, now) : 0, before: list };
  } catch {
    return undefined;
  }
}
