import { performance } from 'node:perf_hooks';
import type { Clock } from '@flags/sync';

/** The system's clock. Its timers keep no process alive: a relay lives as long as it listens. */
export const steadyClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms).unref();
    return () => clearTimeout(timer);
  },
};
