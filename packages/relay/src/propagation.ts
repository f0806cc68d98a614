import type { Position } from '@flags/sync';

/** Remembers when the latest changes were taken over, to tell how long they took to arrive. */
export interface Propagation {
  /** A change was taken over, at this time of a steady clock in milliseconds. */
  committed(position: Position, at: number): void;
  /** How long a position took until this time; `undefined` when no remembered change made it. */
  since(position: Position, now: number): number | undefined;
}

/** What is acknowledged later than this many changes on says nothing about the way there any more. */
const MAX_COMMITS = 1_024;

/** Creates a memory of no changes. */
export function createPropagation(): Propagation {
  const times = new Map<string, number>();
  const nameOf = ({ epoch, version }: Position): string => `${epoch}.${version}`;
  return {
    committed: (position, at) => {
      times.set(nameOf(position), at);
      const [oldest] = times.keys();
      if (times.size > MAX_COMMITS && oldest !== undefined) times.delete(oldest);
    },
    since: (position, now) => {
      const at = times.get(nameOf(position));
      return at === undefined ? undefined : now - at;
    },
  };
}
