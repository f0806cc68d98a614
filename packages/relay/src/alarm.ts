/** One timer for everything that waits for a moment: it goes off at the earliest one that was set. */
export interface Alarm {
  /** Wakes at this moment, epoch milliseconds, or before; never for `Infinity`. After it went off it has to be set anew. */
  set(at: number): void;
  /** Forgets every moment. */
  stop(): void;
}

/** Edges that lie closer together are taken as one. */
const LEAST_MS = 1_000;
/** The longest time a timer can wait. */
const MOST_MS = 2 ** 31 - 1;

/** Creates an alarm that keeps no process alive. */
export function createAlarm(onDue: () => void): Alarm {
  let next = Infinity;
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    clearTimeout(timer);
    timer = setTimeout(ring, Math.min(Math.max(next - Date.now(), LEAST_MS), MOST_MS)).unref();
  };
  const ring = (): void => {
    if (Date.now() < next) return arm();
    next = Infinity;
    onDue();
  };
  return {
    set: (at) => {
      if (at >= next) return;
      next = at;
      arm();
    },
    stop: () => {
      next = Infinity;
      clearTimeout(timer);
    },
  };
}
