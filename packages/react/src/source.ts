import type { ContextClient } from '@flags/sync';

/** What a provider hands down: one object for its whole life, so that another client renders nothing by itself. */
export interface FlagSource {
  /** What is read from now. */
  readonly client: () => ContextClient;
  /** What is read while the page is rendered on the server and hydrated. */
  readonly initial: ContextClient;
  /** Whether there is a client, not only what stands in for it. */
  readonly isOpen: () => boolean;
  /** Hears when a flag could have changed, or, without a key, of everything; from whichever client is read. */
  readonly listen: (key: string | undefined, listener: () => unknown) => () => void;
  /** Reads from another client; from the initial one without. */
  readonly open: (client?: ContextClient) => void;
}

/** Makes a source that reads from `client`, else from what is known initially. */
export function createSource(initial: ContextClient, client: ContextClient = initial): FlagSource {
  let current = client;
  const moves = new Set<() => void>();
  return {
    initial,
    client: () => current,
    isOpen: () => current !== initial,
    listen: (key, listener) => {
      const subscribe = (): (() => void) =>
        key === undefined ? current.subscribe(listener) : current.subscribe(key as never, listener);
      let stop = subscribe();
      const move = (): void => {
        stop();
        stop = subscribe();
        listener();
      };
      moves.add(move);
      return () => {
        moves.delete(move);
        stop();
      };
    },
    open: (next = initial) => {
      current = next;
      for (const move of Array.from(moves)) move();
    },
  };
}
