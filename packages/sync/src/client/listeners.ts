import type { ClientStatus } from '../machine/status.ts';
import type { Logger } from './ports.ts';

/** What a client tells its listeners: rules changed, or how it is doing. */
export type ClientEvent = { readonly type: 'change' } | { readonly type: 'status'; readonly status: ClientStatus };

/** Hears of events. What it throws goes to the logger. */
export type Listener = (event: ClientEvent) => void;

/** Who wants to hear of what. */
export interface Listeners {
  /** Adds a listener for one flag's changes, or for every event when `key` is undefined. Returns how to remove it. */
  add(key: string | undefined, listener: Listener): () => void;
  /** What these flags give may be different. */
  changed(isAffected: (key: string) => boolean): void;
  /** Anything may be different, for everyone but those who hear of it anyway. */
  replaced(hears?: (key: string) => boolean): void;
  /** Time has passed a moment of these flags. */
  passed(keys: ReadonlySet<string>): void;
  status(status: ClientStatus): void;
}

const CHANGE: ClientEvent = { type: 'change' };

/** Keeps listeners. One that is added or removed during a round does not disturb it. */
export function createListeners(logger: Logger): Listeners {
  const entries = new Set<{ readonly key: string | undefined; readonly listener: Listener }>();
  const report = (error: unknown): void =>
    logger.warn(`A listener threw: ${error instanceof Error ? error.message : 'not an Error'}. Fix the listener.`);
  const tell = (listener: Listener, event: ClientEvent): void => {
    try {
      const result: unknown = listener(event);
      // An async one throws later, where it would end the process.
      if (result instanceof Promise) result.catch(report);
    } catch (error) {
      report(error);
    }
  };
  const tellAll = (event: ClientEvent, isMeant: (key: string | undefined) => boolean): void => {
    for (const entry of Array.from(entries)) if (entries.has(entry) && isMeant(entry.key)) tell(entry.listener, event);
  };
  return {
    add: (key, listener) => {
      const entry = { key, listener };
      entries.add(entry);
      return () => void entries.delete(entry);
    },
    changed: (isAffected) => tellAll(CHANGE, (key) => key === undefined || isAffected(key)),
    replaced: (hears = () => false) => tellAll(CHANGE, (key) => key === undefined || !hears(key)),
    passed: (keys) => tellAll(CHANGE, (key) => key !== undefined && keys.has(key)),
    status: (status) => tellAll({ type: 'status', status }, (key) => key === undefined),
  };
}
