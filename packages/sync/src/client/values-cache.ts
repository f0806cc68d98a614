import type { HeldValues } from '../machine/values.ts';
import { holdValues } from '../machine/values.ts';
import { formatPosition } from '../protocol/position.ts';
import { readValues } from '../protocol/read-values.ts';
import { isObject } from '../protocol/reader.ts';
import type { KeyProvider } from './options.ts';
import type { Clock, Logger } from './ports.ts';
import { fingerprintOf } from './values-bootstrap.ts';

/** Keeps values from one page to the next, by the fingerprint of their context. Never throws. */
export interface ValuesCache {
  /** The values that were kept for this context; `undefined` when there are none, or they are damaged. */
  load(fingerprint: string): HeldValues | undefined;
  /** Has these kept before long. */
  save(fingerprint: string, held: HeldValues): void;
  /** Keeps what waits, now. */
  flush(): void;
}

/** What the client tells the part that keeps its values. */
export interface ValuesCacheSettings {
  readonly url: string;
  readonly key: string | KeyProvider;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Makes the part that keeps a client's values. */
export type CreateValuesCache = (settings: ValuesCacheSettings) => ValuesCache;

/** A place for texts by name: `localStorage`, or something like it. */
export interface TextPlace {
  getItem(name: string): string | null;
  setItem(name: string, text: string): void;
  removeItem(name: string): void;
}

/** One context's values: its fingerprint, and what a server would say of them. */
type Entry = readonly [fingerprint: unknown, data: unknown];

const MOST_CONTEXTS = 4;
// In UTF-16 units: browsers give an origin 5 Mi of them, and the application wants some.
const LARGEST = 500_000;
// Milliseconds, so that values that change all the time cost the page little.
const WRITE_AFTER = 1_000;

/**
 * Keeps the values of the last four contexts in one text of at most half a million characters. What is damaged, or finds no room,
 * is forgotten: the network brings it again.
 *
 * @param place Called at each use: merely to look at `localStorage` throws where it is denied.
 * @param prefix What the text's name begins with.
 */
export function createValuesCache(place: () => TextPlace, prefix: string = 'flags'): CreateValuesCache {
  return ({ url, key, logger, clock }) => {
    // A key that is fetched is not known yet; the url alone has to do.
    const name = `${prefix}:values:${fingerprintOf({ url, key: typeof key === 'string' ? key : null })}`;
    let waiting: Entry | undefined;
    let cancel = (): void => {};

    function entries(): readonly Entry[] {
      try {
        const list: unknown = JSON.parse(place().getItem(name) ?? '[]');
        return Array.isArray(list) ? (list as Entry[]).filter((entry) => Array.isArray(entry)) : [];
      } catch {
        return [];
      }
    }

    function flush(): void {
      cancel();
      if (waiting === undefined) return;
      const [fingerprint] = waiting;
      const kept = [waiting, ...entries().filter(([other]) => other !== fingerprint)].slice(0, MOST_CONTEXTS);
      waiting = undefined;
      try {
        for (; kept.length > 0; kept.pop()) {
          const text = JSON.stringify(kept);
          if (text.length <= LARGEST) return place().setItem(name, text);
        }
        place().removeItem(name);
      } catch {
        logger.info('The values are not kept for the next page: there is no storage, or no room in it.');
      }
    }

    return {
      load: (fingerprint) => {
        flush();
        const data = entries().find(([other]) => other === fingerprint)?.[1];
        const message = isObject(data) ? readValues(data) : '';
        if (typeof message === 'string') return undefined;
        const held = holdValues(message.values, message.position);
        return held.position.hash === message.position.hash ? held : undefined;
      },
      save: (fingerprint, { position, values }) => {
        if (waiting === undefined) cancel = clock.after(WRITE_AFTER, flush);
        waiting = [fingerprint, { position: formatPosition(position), values: Object.fromEntries(values) }];
      },
      flush,
    };
  };
}
