import type { CreateSnapshots, Store } from '@flags/sync';
import { canonicalize, createSnapshots } from '@flags/sync';
import { sha256 } from './sha256.ts';

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

/** SHA-256 (hex) of the canonical form of a JSON object without its members `version` and `digest`. */
export function digestOf(entry: object): string {
  const { version: _version, digest: _digest, ...content } = entry as Readonly<Record<string, unknown>>;
  return sha256(canonicalize(content));
}

/**
 * Keeps the rules in `localStorage`, so that the next page starts with them. There is one place for each relay and key.
 *
 * @param name What the places' names begin with.
 */
export function localCache(name: string = 'flags'): CreateSnapshots {
  return (settings) => {
    const { url, key } = settings;
    const scope = typeof key === 'string' ? digestOf({ url, key }) : digestOf({ url });
    const store = createLocalStore(`${name}:${scope.slice(0, 16)}`, () => globalThis.localStorage);
    return createSnapshots(store, digestOf)(settings);
  };
}

function problem(code: string): Error {
  return Object.assign(new Error(code), { code });
}
