import { xxh32 } from '@flags/core';
import type { CreateSnapshots, Store } from '@flags/sync';
import { createSnapshots } from '@flags/sync';

/** The most a page keeps, in UTF-16 units: browsers give an origin 5 Mi of them, and the application wants some. */
const LARGEST = 1_000_000;

/** A place for texts: `localStorage`, or something like it. */
export type TextStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/**
 * A store in `localStorage`, under one name. What is too long, or finds no room, takes what was there away: it would be older at
 * each start.
 *
 * @param storage Called at each use: merely to look at `localStorage` throws where it is denied.
 */
export function createLocalStore(
  name: string,
  storage: () => TextStorage | undefined,
  largest: number = LARGEST,
): Store {
  const place = (): TextStorage => {
    let found: TextStorage | undefined;
    try {
      found = storage();
    } catch {
      // Told below.
    }
    if (!found) throw problem('no storage');
    return found;
  };
  return {
    read: () => place().getItem(name) ?? undefined,
    write: async (text) => {
      const target = place();
      try {
        if (text.length <= largest) return target.setItem(name, text);
      } catch {
        target.removeItem(name);
        throw problem('no room');
      }
      target.removeItem(name);
      throw problem('the rules are too long');
    },
  };
}

// Against damage, for which 32 bits do. Whoever may write here may do anything in this page.
const sumOf = (text: string): string => xxh32(text).toString(16);

/**
 * Keeps the rules in `localStorage`, so that the next page starts with them. There is one place for each relay and key.
 *
 * @param name What the places' names begin with.
 */
export function localCache(name: string = 'flags'): CreateSnapshots {
  return (settings) => {
    const { url, key } = settings;
    const place = `${name}:${sumOf(typeof key === 'string' ? url + key : url)}`;
    const store = createLocalStore(place, () => globalThis.localStorage);
    return createSnapshots(store, sumOf)(settings);
  };
}

function problem(code: string): Error {
  return Object.assign(new Error(code), { code });
}
