import type { Clock } from '@flags/sync';

/** The runtime's clock. Where time stands still between I/O, as it does in isolates, it stands still here too. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, callback, keepAlive = false) => {
    const timer: unknown = setTimeout(callback, ms);
    // Where a process would wait for timers.
    if (!keepAlive && typeof timer === 'object') (timer as { unref?(): void }).unref?.();
    return () => clearTimeout(timer as number);
  },
};
