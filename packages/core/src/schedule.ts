import { fail, integerOf, listOf, objectOf, stringOf } from './broken.ts';
import { parseInstant } from './instant.ts';

const MINUTE = 60_000;
const DAY = 1440;

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

function instantOf(raw: unknown, absent: number): number {
  if (raw === undefined) return absent;
  const at = parseInstant(stringOf(raw));
  return Number.isNaN(at) ? fail('VALUE') : at;
}

function offsetOf(raw: unknown): readonly [number, number] {
  const [from, minutes, ...more] = listOf(raw);
  if (more.length) fail('TYPE');
  return [integerOf(from, -8.64e15, 8.64e15), integerOf(minutes, -DAY, DAY)];
}

export function compileWindow(value: unknown): Window {
  const raw = objectOf(value, 'from until days start end offsets');
  const from = instantOf(raw['from'], -Infinity);
  const until = instantOf(raw['until'], Infinity);
  const offsets = raw['offsets'] === undefined ? [] : listOf(raw['offsets']).map(offsetOf);
  const start = raw['start'] === undefined ? 0 : integerOf(raw['start'], 0, DAY);
  const end = raw['end'] === undefined ? DAY : integerOf(raw['end'], 0, DAY);
  let days = raw['days'] === undefined ? 0xff : 0;
  if (!days) for (const day of listOf(raw['days'])) days |= 1 << integerOf(day, 1, 7);
  // A window that never opens is a mistake of its author.
  if (
    from >= until ||
    start === end ||
    !days ||
    offsets.some(([at], index) => index > 0 && at <= offsets[index - 1]![0])
  )
    fail('VALUE');
  return { from, until, days, start, end, offsets };
}

/** Minutes of local time since 1970, as an integer. */
function localMinute(offsets: Window['offsets'], now: number): number {
  let minutes = offsets[0]?.[1] ?? 0;
  for (const [from, offset] of offsets) {
    if (from > now) break;
    minutes = offset;
  }
  return Math.floor(now / MINUTE) + minutes;
}

/** Whether `now` (epoch ms) is inside. */
export function inWindow(window: Window, now: number): boolean {
  if (now < window.from || now >= window.until) return false;
  const local = localMinute(window.offsets, now);
  const minute = ((local % DAY) + DAY) % DAY;
  const { start, end } = window;
  let day = Math.floor(local / DAY);
  if (start < end) {
    if (minute < start || minute >= end) return false;
  } else if (minute < end) day--;
  else if (minute < start) return false;
  // 1 January 1970 was a Thursday, ISO day 4.
  return ((window.days >> (((((day + 3) % 7) + 7) % 7) + 1)) & 1) === 1;
}

/** The next instant after `now` at which the window opens or closes. */
export function nextEdge(window: Window, now: number): number | undefined {
  const open = inWindow(window, now);
  const edges = [window.from, window.until];
  for (const [from] of window.offsets) edges.push(from);
  // Local minutes are looked up on both sides of a change of offset, so an edge is found whichever side it falls on.
  const first = Math.floor(localMinute(window.offsets, Math.max(now, window.from)) / DAY) - 1;
  const shifts = new Set(window.offsets.map(([, minutes]) => minutes));
  if (!shifts.size) shifts.add(0);
  for (let day = first; day < first + 10; day++) {
    for (const minute of [0, window.start, window.end]) {
      for (const shift of shifts) edges.push((day * DAY + minute - shift) * MINUTE);
    }
  }
  edges.sort((a, b) => a - b);
  return edges.find((at) => at > now && at < Infinity && inWindow(window, at) !== open);
}

export function compilePoints(raw: unknown, total: number): Points {
  const points = listOf(raw).map((point): readonly [number, number] => {
    const [at, width, ...more] = listOf(point);
    if (at === undefined || more.length) fail('TYPE');
    return [instantOf(at, 0), integerOf(width, 0, total)];
  });
  if (!points.length || points.some(([at], index) => index > 0 && at < points[index - 1]![0])) fail('VALUE');
  return points;
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
  let before = Math.floor(now);
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
