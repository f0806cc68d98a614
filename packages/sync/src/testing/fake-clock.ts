import type { Clock } from '@flags/sync';

/** A clock that moves when told to. */
export interface FakeClock extends Clock {
  /** Moves time on and fires, in order and at their moments, the timers that fall due, also those set meanwhile. */
  advance(ms: number): void;
  /** Lets time pass while the machine sleeps: what fell due fires late, afterwards. */
  sleep(ms: number): void;
  /** Number of timers that are set. */
  pending(): number;
}

/**
 * Creates a clock for tests.
 *
 * @param start Epoch milliseconds it shows at first.
 */
export function createFakeClock(start = 1_800_000_000_000): FakeClock {
  const timers = new Map<number, { readonly at: number; readonly callback: () => void }>();
  let elapsed = 0;
  let lastId = 0;
  const nextDue = (until: number): number | undefined => {
    let due: number | undefined;
    for (const [id, { at }] of timers) {
      if (at <= until && (due === undefined || at < (timers.get(due)?.at ?? Infinity))) due = id;
    }
    return due;
  };
  const advance = (ms: number): void => {
    const until = elapsed + ms;
    for (let id = nextDue(until); id !== undefined; id = nextDue(until)) {
      const timer = timers.get(id);
      timers.delete(id);
      elapsed = Math.max(elapsed, timer?.at ?? elapsed);
      timer?.callback();
    }
    elapsed = until;
  };
  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    after: (ms, callback) => {
      const id = ++lastId;
      timers.set(id, { at: elapsed + ms, callback });
      return () => void timers.delete(id);
    },
    advance,
    sleep: (ms) => {
      elapsed += ms;
      advance(0);
    },
    pending: () => timers.size,
  };
}
