import type { ContextClient } from '@flags/sync';

/** Stands between components and a client: gives the client that they read instead. */
export type ClientLayer = (client: ContextClient) => ContextClient;

/** What a provider hands down: one object for its whole life, so that another client renders nothing by itself. */
export interface FlagSource {
  /** What is read from now: the client, under a layer if there is one. */
  readonly client: () => ContextClient;
  /** The client itself: the initial one as long as it only stands in. */
  readonly given: () => ContextClient;
  /** What is read while the page is rendered on the server and hydrated. */
  readonly initial: ContextClient;
  /**
   * Hears when a flag could have changed, or, without a key, of everything; from whichever client is read. `LAYERED` says that
   * the client is the same, and what stands above it is not.
   */
  readonly listen: (key: string | undefined, listener: (news: unknown) => unknown) => () => void;
  /** Reads from another client; from the initial one without. */
  readonly open: (client?: ContextClient) => void;
  /** Puts a layer over this client and those that follow, in place of the one before. Answers how to take it away. */
  readonly layer: (layer: ClientLayer) => () => void;
}

/** News of a source whose client is still the same. */
export const LAYERED = 0;

/** Makes a source that reads from `client`, else from what is known initially. */
export function createSource(initial: ContextClient, client: ContextClient = initial): FlagSource {
  let given = client;
  let current = client;
  let over: ClientLayer | undefined;
  const moves = new Set<(news: unknown) => void>();
  const move = (news?: unknown): void => {
    current = over ? over(given) : given;
    for (const each of Array.from(moves)) each(news);
  };
  return {
    initial,
    given: () => given,
    client: () => current,
    listen: (key, listener) => {
      const subscribe = (): (() => void) =>
        key === undefined ? current.subscribe(listener) : current.subscribe(key as never, listener);
      let stop = subscribe();
      const follow = (news: unknown): void => {
        stop();
        stop = subscribe();
        listener(news);
      };
      moves.add(follow);
      return () => {
        moves.delete(follow);
        stop();
      };
    },
    open: (next = initial) => {
      given = next;
      move();
    },
    layer: (layer) => {
      over = layer;
      move(LAYERED);
      return () => {
        if (over !== layer) return;
        over = undefined;
        move(LAYERED);
      };
    },
  };
}
