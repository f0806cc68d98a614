import { fail } from './broken.ts';
import { parseInstant } from './instant.ts';
import type { TimeWindow } from './ruleset.ts';
import { integer, pair, shape } from './shape.ts';

const MINUTE = 60_000;
/** Minutes of a day. */
export const DAY = 1440;
/** The last instant ECMAScript knows, in epoch ms. */
export const MAX_TIME = 8.64e15;

/** A window of time, prepared once. Absent bounds are infinite. */
export interface Window {
  readonly from: number;
  readonly until: number;
  /** Bit n is ISO day n. */
  readonly days: number;
  readonly start: number;
  readonly end: number;
  readonly offsets: readonly (readonly [fromMs: number, minutes: number])[];
}

/** Widths by time: `[epoch ms, width]`, in order. */
export type Points = readonly (readonly [at: number, width: number])[];

/** The members of a time window, in the words of `shape`. */
export const WINDOW_MEMBERS = 'from:s? until:s? days:a? start:i? end:i? offsets:a?';

function instantOf(text: unknown): number {
  const at = parseInstant(text);
  return at === at ? at : fail('VALUE');
}

// Neither steps back nor, for what has to move on, stands still.
function isAscending(list: readonly (readonly [at: number, other: unknown])[], least: number): boolean {
  return list.every(([at], index) => !index || at - list[index - 1]![0] >= least);
}

/** Prepares a window; sets the entry aside when it is none, or one that never opens. */
export function compileWindow(value: unknown): Window {
  const raw = shape<TimeWindow>(value, WINDOW_MEMBERS);
  const from = raw.from === undefined ? -Infinity : instantOf(raw.from);
  const until = raw.until === undefined ? Infinity : instantOf(raw.until);
  const start = integer(raw.start ?? 0, 0, DAY);
  const end = integer(raw.end ?? DAY, 0, DAY);
  let days = raw.days ? 0 : 0xff;
  for (const day of raw.days ?? []) days |= 1 << integer(day, 1, 7);
  const offsets = (raw.offsets ?? []).map((offset) => {
    const [at, minutes] = pair(offset);
    return [integer(at, -MAX_TIME, MAX_TIME), integer(minutes, -DAY, DAY)] as const;
  });
  // A window that never opens is a mistake of its author.
  if (from >= until || start === end || !days || !isAscending(offsets, 1)) fail('VALUE');
  return { from, until, days, start, end, offsets };
}

/** Minutes of local time since 1970, as an integer. */
function localMinute(offsets: Window['offsets'], now: number): number {
  let at = 0;
  for (let end = offsets.length; end - at > 1;) {
    const middle = (at + end) >> 1;
    if (offsets[middle]![0] <= now) at = middle;
    else end = middle;
  }
  return Math.floor(now / MINUTE) + (offsets[at]?.[1] ?? 0);
}

/** Whether `now` (epoch ms) is inside. */
export function inWindow({ from, until, days, start, end, offsets }: Window, now: number): boolean {
  const local = localMinute(offsets, now);
  let day = Math.floor(local / DAY);
  const minute = local - day * DAY;
  const overnight = start > end;
  const open = overnight ? minute < end || minute >= start : minute >= start && minute < end;
  // The hours after midnight belong to the day before.
  if (overnight && minute < end) day--;
  // 1 January 1970 was a Thursday, ISO day 4.
  return open && now >= from && now < until && ((days >> ((((day % 7) + 10) % 7) + 1)) & 1) > 0;
}

/** The next instant after `now` at which the window opens or closes. */
export function nextEdge(window: Window, now: number): number | undefined {
  const { from, until, start, end, offsets } = window;
  const open = inWindow(window, now);
  let next = Infinity;
  const consider = (at: number): void => {
    if (at > now && at < next && inWindow(window, at) !== open) next = at;
  };
  consider(from);
  consider(until);
  // A week shows every edge there is until the offset changes; a change may skip the very hour, so each is looked behind.
  for (const base of [Math.max(now, from), ...offsets.map(([at]) => at)]) {
    if (base < now || base >= next) continue;
    consider(base);
    const local = localMinute(offsets, base);
    const midnight = Math.floor(base / MINUTE) - local + Math.floor(local / DAY) * DAY;
    for (let day = -1; day < 9; day++) {
      for (const minute of [0, start, end]) consider((midnight + day * DAY + minute) * MINUTE);
    }
  }
  return next < Infinity ? next : undefined;
}

/** Prepares the points of a progress; sets the flag aside when there are none or they go back in time. */
export function compilePoints(raw: readonly unknown[], total: number): Points {
  const points = raw.map((point) => {
    const [at, width] = pair(point);
    return [instantOf(at), integer(width, 0, total)] as const;
  });
  return points.length && isAscending(points, 0) ? points : fail('VALUE');
}

/** The width reached at `now`: the first point's before it, the last point's after it, a straight line between two. */
export function widthAt(points: Points, now: number): number {
  let [fromAt, from] = points[0]!;
  if (now < fromAt) return from;
  for (const [at, width] of points) {
    if (now < at) return Math.floor(from + ((width - from) * (now - fromAt)) / (at - fromAt));
    fromAt = at;
    from = width;
  }
  return from;
}

/** The next instant after `now` at which the unit in this bucket changes sides; without a bucket, the next point. */
export function nextCrossing(points: Points, now: number, bucket?: number): number | undefined {
  // Before the first point nothing moves.
  let before = Math.max(Math.floor(now), points[0]![0] - 1);
  for (const [at] of points) {
    if (at <= before) continue;
    if (bucket === undefined) return at;
    const inside = bucket < widthAt(points, before);
    // Up to the point the width moves one way only, so a crossing can be bisected; a step is at the point itself.
    for (let after of [at - 1, at]) {
      if (bucket < widthAt(points, after) !== inside) {
        while (after - before > 1) {
          const middle = Math.floor((before + after) / 2);
          if (bucket < widthAt(points, middle) === inside) before = middle;
          else after = middle;
        }
        return after;
      }
    }
    before = at;
  }
  return undefined;
}
