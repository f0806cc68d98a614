import type { Clock } from '@flags/sync';
import type { PageLife } from './page-life.ts';

// What `setTimeout` can take; it fires at once for more.
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * The browser's clock. While the page sleeps its steady time stands still and its timers wait, as they would on a machine that
 * sleeps: nothing is tried again and again for a page that nobody sees. The wall clock goes on.
 */
export function createPageClock(life: PageLife): Clock {
  interface Timer {
    readonly at: number;
    readonly callback: () => void;
    handle: ReturnType<typeof setTimeout> | undefined;
  }
  const timers = new Set<Timer>();
  let lost = 0;
  let fellAsleepAt: number | undefined;
  const monotonic = (): number => (fellAsleepAt ?? performance.now()) - lost;

  const arm = (timer: Timer): void => {
    const delay = Math.min(Math.max(0, timer.at - monotonic()), LONGEST_TIMER);
    timer.handle = setTimeout(() => {
      timers.delete(timer);
      timer.callback();
    }, delay);
  };
  life.onSleep(() => {
    fellAsleepAt = performance.now();
    for (const { handle } of timers) clearTimeout(handle);
  });
  life.onWake(() => {
    if (fellAsleepAt === undefined) return;
    lost += performance.now() - fellAsleepAt;
    fellAsleepAt = undefined;
    for (const timer of timers) arm(timer);
  });
  return {
    now: () => Date.now(),
    monotonic,
    after: (ms, callback) => {
      const timer: Timer = { at: monotonic() + ms, callback, handle: undefined };
      timers.add(timer);
      if (!life.isAsleep()) arm(timer);
      return () => {
        timers.delete(timer);
        clearTimeout(timer.handle);
      };
    },
  };
}
