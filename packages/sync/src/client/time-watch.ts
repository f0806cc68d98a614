import { nextChangeAt } from '@flags/core';
import type { CompiledRuleset } from '@flags/core';
import type { Clock } from './ports.ts';

/** Notices when time alone may have changed what flags serve. */
export interface TimeWatch {
  /** Watches a flag. Returns how to stop, to be called once. */
  add(key: string): () => void;
  /** To be called when the rules are new. */
  check(): void;
  /** Ends it all. */
  stop(): void;
}

// The wall clock may be set, or be corrected by the server's, while a timer runs. Also less than any timer takes.
const LONGEST_SLEEP = 60_000;
// Points of rollouts may lie close together; listeners need not hear of each.
const LEAST_PAUSE = 1_000;

/** Makes the part that notices that time has passed. */
export type CreateTimeWatch = typeof createTimeWatch;

interface Watched {
  count: number;
  /** When its answer may change next; `Infinity` for never. */
  at: number;
}

/**
 * Watches flags with one timer for all, and none when no watched flag changes with time.
 *
 * @param now Epoch milliseconds, as reads see them.
 * @param onPassed Hears which flags' moments have passed.
 */
export function createTimeWatch(
  clock: Clock,
  now: () => number,
  ruleset: () => CompiledRuleset | undefined,
  onPassed: (keys: ReadonlySet<string>) => void,
): TimeWatch {
  const watched = new Map<string, Watched>();
  let cancel = (): void => {};
  let next = Infinity;
  let toldAt = -Infinity;
  let isStopped = false;

  function nextOf(key: string, time: number): number {
    const rules = ruleset();
    return (rules && nextChangeAt(rules, time, undefined, key)) ?? Infinity;
  }

  function plan(time: number): void {
    cancel();
    if (next === Infinity || isStopped) return;
    cancel = clock.after(Math.min(Math.max(next, toldAt + LEAST_PAUSE) - time, LONGEST_SLEEP), check);
  }

  function check(): void {
    const time = now();
    const passed = new Set<string>();
    next = Infinity;
    for (const [key, entry] of watched) {
      if (entry.at <= time) passed.add(key);
      entry.at = nextOf(key, time);
      next = Math.min(next, entry.at);
    }
    if (passed.size > 0) toldAt = time;
    plan(time);
    if (passed.size > 0) onPassed(passed);
  }

  function add(key: string): () => void {
    const time = now();
    const entry = watched.get(key) ?? { count: 0, at: nextOf(key, time) };
    watched.set(key, entry);
    entry.count += 1;
    if (entry.at < next) {
      next = entry.at;
      plan(time);
    }
    return () => {
      entry.count -= 1;
      if (entry.count > 0) return;
      watched.delete(key);
      if (watched.size > 0) return;
      next = Infinity;
      cancel();
    };
  }

  function stop(): void {
    isStopped = true;
    cancel();
  }

  return { add, check, stop };
}
