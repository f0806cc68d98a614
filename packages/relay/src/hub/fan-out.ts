import { setImmediate as nextTurn } from 'node:timers/promises';

/** A fan-out pauses after so many writes, so that other requests keep their latency. */
const SLICE = 500;
/** Time between two fan-outs, at least: a burst of commits becomes one message. */
const MERGE_MS = 10;

/**
 * Visits everyone, with a pause for other work after each slice. Who leaves on the way is left out, who joins is visited.
 *
 * @param visit Answers what the visit cost, in writes to a socket.
 */
export async function inSlices<T>(all: Iterable<T>, visit: (one: T) => number): Promise<void> {
  let left = SLICE;
  for (const one of all) {
    left -= visit(one);
    if (left > 0) continue;
    left = SLICE;
    await nextTurn();
  }
}

/** What a fan-out goes over, and whom it tells. */
export interface FanOutOptions<T> {
  readonly all: () => Iterable<T>;
  /** Brings one to the head, and answers what that cost, in writes to a socket. */
  readonly visit: (one: T) => number;
  /** Called after the last visit, with the time since the first `publish` it serves. */
  readonly onDone: ((ms: number) => void) | undefined;
}

/**
 * Creates the function that brings everyone to the head. Only one fan-out runs at a time; calls on the way, and within 10 ms of
 * the last one, are merged into the next.
 */
export function createFanOut<T>(options: FanOutOptions<T>): () => void {
  let published = 0;
  /** One runs or is about to. */
  let isActive = false;
  let last = -Infinity;
  /** When the first commit that no fan-out has begun to serve was published. */
  let waitingSince: number | undefined;

  const run = async (): Promise<void> => {
    const served = published;
    const since = waitingSince;
    waitingSince = undefined;
    await inSlices(options.all(), options.visit);
    last = performance.now();
    if (since !== undefined) options.onDone?.(last - since);
    isActive = false;
    if (published !== served) schedule();
  };
  const schedule = (): void => {
    isActive = true;
    const wait = last + MERGE_MS - performance.now();
    if (wait > 0) setTimeout(() => void run(), wait).unref();
    else setImmediate(() => void run());
  };
  return () => {
    published += 1;
    waitingSince ??= performance.now();
    if (!isActive) schedule();
  };
}
