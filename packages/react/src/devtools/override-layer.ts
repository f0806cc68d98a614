import type { ClientLayer } from '@flags/react';
import type { BootstrapValue, ContextClient, FlagDetails, Listener, Overlay } from '@flags/sync';
import { readOverlay, resolveOverlay } from '@flags/sync';
import type { OverrideStore } from './override-store.ts';

/** Overrides over a client, and what components do with it. */
export interface OverrideLayer {
  /** Puts the layer over a client: gives what components read. Reads of overridden flags do not reach it, so nothing counts. */
  readonly over: ClientLayer;
  /** The client below; `undefined` before there is one. */
  readonly client: () => ContextClient | undefined;
  readonly overrides: () => Overlay;
  /** Overrides a flag, or, without a value, no longer. */
  readonly set: (key: string, value?: BootstrapValue) => void;
  readonly reset: () => void;
  /** Flags that mounted components read. */
  readonly readKeys: () => Iterable<string>;
  /** Hears when anything above may be different, soon after it is. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Another number each time. */
  readonly version: () => number;
  /** Hears of nothing any more. */
  readonly end: () => void;
}

const CHANGE = { type: 'change' } as const;

/** Makes a layer with the overrides that were kept. */
export function createOverrideLayer(store: OverrideStore): OverrideLayer {
  let below: ContextClient | undefined;
  let overrides: Overlay = new Map();
  let version = 0;
  let isTelling = false;
  let stopHearing: (() => void) | undefined;
  const panels = new Set<() => void>();
  const readers = new Map<string | undefined, Set<Listener>>();

  /** Once for all that happens at a time: components mount by the hundred. */
  function tell(): void {
    if (isTelling) return;
    isTelling = true;
    queueMicrotask(() => {
      isTelling = false;
      version += 1;
      for (const panel of panels) panel();
    });
  }

  function listen(key: string | undefined, listener: Listener): () => void {
    const known = readers.get(key);
    const set = known ?? new Set();
    if (!known) {
      readers.set(key, set);
      tell();
    }
    // The same function may listen twice.
    const own: Listener = (event) => listener(event);
    set.add(own);
    return () => {
      set.delete(own);
      if (set.size > 0 || readers.get(key) !== set) return;
      readers.delete(key);
      tell();
    };
  }

  function change(next: Overlay, keys: Iterable<string>): void {
    overrides = next;
    store.write(next);
    for (const key of [...keys, undefined]) {
      for (const listener of Array.from(readers.get(key) ?? [])) listener(CHANGE);
    }
    tell();
  }

  function over(client: ContextClient): ContextClient {
    // Read when there is a page: never on a server.
    if (below === undefined) overrides = named(store.read());
    below = client;
    stopHearing?.();
    stopHearing = client.subscribe(tell);
    tell();
    const reader =
      (read: ContextClient['peek']) =>
      (key: string, fallback: unknown): FlagDetails<unknown> => {
        const known = overrides.get(key);
        if (!known) return read(key as never, fallback as never);
        const { source, stale } = client.status();
        return { ...resolveOverlay(known, fallback), source, stale };
      };
    const layered = {
      ...client,
      peek: reader(client.peek),
      details: reader(client.details),
      value: (key: string, fallback: unknown) => {
        const known = overrides.get(key);
        return known ? resolveOverlay(known, fallback).value : client.value(key as never, fallback as never);
      },
      all: () => Object.assign(Object.create(null), client.all(), Object.fromEntries(overrides)),
      subscribe: (one: string | Listener, two?: Listener) => {
        const stops =
          typeof one === 'string'
            ? [client.subscribe(one as never, two as Listener), listen(one, two as Listener)]
            : [client.subscribe(one), listen(undefined, one)];
        return () => stops.forEach((stop) => stop());
      },
    };
    // As with the client: the types of keys and values are for callers.
    return layered as unknown as ContextClient;
  }

  return {
    over,
    client: () => below,
    overrides: () => overrides,
    set: (key, value) => {
      const next = new Map(overrides);
      next.delete(key);
      if (value) for (const entry of named(readOverlay({ flags: { [key]: value } }))) next.set(...entry);
      change(next, [key]);
    },
    reset: () => change(new Map(), overrides.keys()),
    readKeys: () => Array.from(readers.keys()).filter((key) => key !== undefined),
    subscribe: (listener) => {
      panels.add(listener);
      return () => panels.delete(listener);
    },
    version: () => version,
    end: () => {
      stopHearing?.();
      stopHearing = undefined;
    },
  };
}

/** Overrides with the reason that OpenFeature has for them: the same for everyone, evaluated by nobody. */
function named(overlay: Overlay): Overlay {
  return new Map(Array.from(overlay, ([key, resolution]) => [key, { ...resolution, reason: 'STATIC' }]));
}
