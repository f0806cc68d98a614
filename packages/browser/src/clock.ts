import type { Clock } from '@flags/sync';
import type { PageLife } from './page-life.ts';

// What `setTimeout` can take; it fires at once for more.
const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * The browser's clock. While the page sleeps its steady time stands still and its timers wait, as they would on a machine that
 * sleeps: nothing is tried again and again for a page that nobody sees. The wall clock goes on.
 */
export function createPageClock(life: PageLife): Clock {
  let lost = 0;
  let fellAsleepAt: number | undefined;
  const monotonic = (): number => (fellAsleepAt ?? performance.now()) - lost;
  // Before any timer hears of it.
  life.onSleep(() => (fellAsleepAt = performance.now()));
  life.onWake(() => {
    if (fellAsleepAt !== undefined) lost += performance.now() - fellAsleepAt;
    fellAsleepAt = undefined;
  });
  return {
    now: () => Date.now(),
    monotonic,
    after: (ms, callback) => {
      const at = monotonic() + ms;
      let handle: ReturnType<typeof setTimeout> | undefined;
      const arm = (): void => {
        clearTimeout(handle);
        if (!life.isAsleep()) handle = setTimeout(fire, Math.min(Math.max(0, at - monotonic()), LONGEST_TIMER));
      };
      const stops = [life.onSleep(arm), life.onWake(arm)];
      const cancel = (): void => {
        clearTimeout(handle);
        for (const stop of stops) stop();
      };
      const fire = (): void => {
        cancel();
        callback();
      };
      arm();
      return cancel;
    },
  };
}
