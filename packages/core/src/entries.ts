import { isObject } from './shape.ts';

/** The flags or the segments of a ruleset as they came: what a `ReadonlyMap` can do, but for its callbacks. */
export interface RawEntries extends Iterable<readonly [key: string, entry: unknown]> {
  readonly size: number;
  /** The entry as it came, `undefined` when there is none of that key. */
  readonly get: (key: string) => unknown;
  readonly has: (key: string) => boolean;
  readonly keys: () => IterableIterator<string>;
}

/**
 * The entries of a ruleset, compiled once they were read. A version and those made from it by updates share one numbering of keys, so that an
 * update copies two arrays and no map: with 10 000 entries the copies take hundredths of a millisecond, where a map takes one.
 */
export interface Entries<Compiled> extends RawEntries {
  /** The place of each key, here or in another version. Only grows, and not without end. */
  readonly slots: Map<string, number>;
  /** The entries as they came, by place; `undefined`: not in this version. */
  readonly raw: readonly unknown[];
  /** What became of them, filled by their first use; not for callers. */
  readonly ready: (Compiled | undefined)[];
}

function create<Compiled>(
  slots: Map<string, number>,
  raw: readonly unknown[],
  ready: (Compiled | undefined)[],
  size: number,
): Entries<Compiled> {
  const get = (key: string): unknown => {
    const slot = slots.get(key);
    return slot === undefined ? slot : raw[slot];
  };
  return {
    slots,
    raw,
    ready,
    size,
    get,
    has: (key) => get(key) !== undefined,
    *keys() {
      for (const [key] of this) yield key;
    },
    *[Symbol.iterator]() {
      for (const [key, slot] of slots) if (raw[slot] !== undefined) yield [key, raw[slot]];
    },
  };
}

/** The entries of a record, none of them compiled. */
export function createEntries<Compiled>(record: object): Entries<Compiled> {
  const raw = Object.values(record);
  const slots = new Map(Object.keys(record).map((key, slot) => [key, slot]));
  return create<Compiled>(
    slots,
    raw,
    Array.from(raw, () => undefined),
    raw.length,
  );
}

// Places of keys that are not here are given up before there are this many more of them than of others: keys are gone, or were only
// ever in versions that nobody kept, such as what a server sends without the signature that it needs, again and again.
const SPARE_SLOTS = 1000;

/**
 * The entries after a change: overwritten, or taken out where it has `null`. What is compiled stays for what is neither overwritten nor
 * `isReached` by the change; why others were set aside does not.
 */
export function overwriteEntries<Compiled extends object | string | number>(
  entries: Entries<Compiled>,
  change: unknown,
  isReached: (entry: Compiled & object) => boolean,
): Entries<Compiled> {
  const keys = keysOf(change);
  const isFull = entries.slots.size + keys.length > 2 * entries.size + SPARE_SLOTS;
  const { slots, raw: before, ready } = isFull ? createEntries<Compiled>(Object.fromEntries(entries)) : entries;
  const raw = before.slice();
  for (const key of keys) {
    const slot = slots.get(key) ?? slots.size;
    slots.set(key, slot);
    raw[slot] = (change as Readonly<Record<string, unknown>>)[key] ?? undefined;
  }
  let size = 0;
  const kept = raw.map((entry, slot) => {
    if (entry !== undefined) size++;
    const compiled = ready[slot];
    return typeof compiled === 'object' && entry === before[slot] && !isReached(compiled) ? compiled : undefined;
  });
  return create(slots, raw, kept, size);
}

/** The keys of a record that may be none. */
export const keysOf = (record: unknown): readonly string[] => (isObject(record) ? Object.keys(record) : []);
