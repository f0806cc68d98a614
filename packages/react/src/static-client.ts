import type { ContextClient, FlagDetails, Ready, ValuesBootstrap } from '@flags/sync';
import { readOverlay, resolveOverlay } from '@flags/sync';

/**
 * A client that knows a bootstrap and nothing else, and never changes: what a server renders from, what hydration reads again,
 * and what stands in until there is a client. Without a bootstrap every read gives the default.
 */
export function createStaticClient(bootstrap?: ValuesBootstrap): ContextClient {
  const overlay = readOverlay(bootstrap ?? { flags: {} });
  const context = {};
  const source = bootstrap && 'bootstrap';
  const still = { source, stale: true } as const;
  const ready = async (): Promise<Ready> =>
    source ? { source } : { source, reason: 'offline', message: 'There is no client.' };
  const done = async (): Promise<void> => {};
  const peek = (key: string, defaultValue: unknown): Partial<FlagDetails<unknown>> => {
    const known = overlay.get(key);
    // What is left out is read as undefined.
    if (!known) return { value: defaultValue, reason: 'ERROR', errorCode: 'PROVIDER_NOT_READY', ...still };
    return { ...resolveOverlay(known, defaultValue), ...still };
  };
  const client = {
    peek,
    details: peek,
    value: (key: string, defaultValue: unknown) => peek(key, defaultValue).value,
    all: () => Object.fromEntries(overlay),
    context: () => context,
    setContext: ready,
    subscribe: () => () => {},
    ready,
    status: () => ({ state: 'idle', drift: false, drifts: 0, ...still }),
    snapshot: () => undefined,
    track: () => {},
    flush: done,
    close: done,
    [Symbol.asyncDispose]: done,
  };
  // The types of keys and values are for callers, as with every client.
  return client as unknown as ContextClient;
}
