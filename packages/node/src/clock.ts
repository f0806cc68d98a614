import type { Clock } from '@flags/sync';

// What `setTimeout` can take; it fires at once for more.
const LONGEST_TIMER = 2 ** 31 - 1;

/** The system's clock. Its timers do not keep the process alive, unless someone waits for them. */
export function createSystemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after: (ms, callback, keepAlive = false) => {
      const timer = setTimeout(callback, Math.min(ms, LONGEST_TIMER));
      if (!keepAlive) timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
