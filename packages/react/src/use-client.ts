import { useCallback } from 'react';
import type { ContextClient } from '@flags/sync';
import { useBeforePaint } from './before-paint.ts';
import { useSource } from './flag-context.ts';
import type { ClientLayer } from './source.ts';
import { useReading } from './use-reading.ts';

/** How the client is doing, without its position, which moves with every change. */
export type FlagStatus = Omit<ReturnType<ContextClient['status']>, 'position'>;

/** How the client is doing. Renders again when that changes, not with every change of a flag. */
export function useFlagStatus(): FlagStatus {
  return useReading([null], (client) => {
    const { position: _, ...status } = client.status();
    return status;
  });
}

/** The client of the nearest provider, for events and tools. What is read from it in a render is counted and not kept current. */
export function useFlagClient(): ContextClient {
  return useReading([null], (client) => client);
}

/** `track(name, data?)` of the client: always the same function. */
export function useTrack(): ContextClient['track'] {
  const source = useSource();
  return useCallback((name, data) => source.client().track(name, data), [source]);
}

/** `setContext(context)` of the client: always the same function. */
export function useSetContext(): ContextClient['setContext'] {
  const source = useSource();
  return useCallback((context) => source.client().setContext(context), [source]);
}

/**
 * Puts a layer between the components below the nearest provider and its client, for as long as the caller is mounted: for tools.
 * What a server rendered is hydrated without it. One layer at a time: the last.
 *
 * @param layer Gives the client that is read in place of one. Called again for each client; another function is another layer.
 */
export function useClientLayer(layer: ClientLayer): void {
  const source = useSource();
  useBeforePaint(
    (show) => {
      const remove = source.layer(layer);
      show();
      return remove;
    },
    [source, layer],
  );
}
