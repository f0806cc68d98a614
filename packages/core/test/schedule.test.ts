import { describe, expect, it } from 'vitest';
import { type Entry, flagServing, flagWhen, isMatch, problemWith, variantOf } from './build.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const MONDAY = Date.UTC(2026, 0, 5);

const isOpen = (time: Entry, at: number): boolean => isMatch({ time }, {}, at);
/** Hours from `start`, within so many days, at which the window is open. */
const openHours = (time: Entry, start: number, days = 1): readonly number[] =>
  Array.from({ length: 24 * days }, (_, hour) => hour).filter((hour) => isOpen(time, start + hour * HOUR));

describe('a window of time', () => {
  it('is half-open', () => {
    const time = { from: '2026-01-05T00:00:00Z', until: '2026-01-05T01:00:00.250+01:00' };
    expect([MONDAY - 1, MONDAY, MONDAY + 249, MONDAY + 250].map((at) => isOpen(time, at))).toStrictEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(isOpen({ from: '2026-01-05T00:00:00Z' }, 1e15)).toBe(true);
    expect(isOpen({ until: '2026-01-05T00:00:00Z' }, -1e15)).toBe(true);
    const hours = { start: 60, end: 61 };
    const minute = MONDAY + HOUR;
    expect([minute - 1, minute, minute + 59_999, minute + 60_000].map((at) => isOpen(hours, at))).toStrictEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it('is always open without bounds', () => {
    for (const at of [0, MONDAY, -1, 1e15, -1e15]) expect(isOpen({}, at)).toBe(true);
  });

  it('is open on its days, from midnight to midnight', () => {
    expect(openHours({ days: [1] }, MONDAY - DAY, 3)).toStrictEqual(Array.from({ length: 24 }, (_, hour) => hour + 24));
    for (const [day, iso] of [1, 2, 3, 4, 5, 6, 7].entries()) {
      expect(isOpen({ days: [iso] }, MONDAY + day * DAY)).toBe(true);
      expect(isOpen({ days: [iso] }, MONDAY + day * DAY - 1)).toBe(false);
      expect(isOpen({ days: [iso] }, MONDAY + (day + 1) * DAY)).toBe(false);
    }
    // Before 1970 too: 28 December 1969 was a Sunday.
    expect(isOpen({ days: [7] }, Date.UTC(1969, 11, 28))).toBe(true);
  });

  it('spans midnight when it starts later than it ends, and belongs to the day it starts', () => {
    const nights = { days: [5], start: 22 * 60, end: 6 * 60 };
    expect(openHours(nights, MONDAY + 4 * DAY, 2)).toStrictEqual([22, 23, 24, 25, 26, 27, 28, 29]);
    expect(openHours(nights, MONDAY + 3 * DAY, 1)).toStrictEqual([]);
    const sundays = { days: [7], start: 1439, end: 1 };
    expect(isOpen(sundays, MONDAY)).toBe(true);
    expect(isOpen(sundays, MONDAY + 60_000)).toBe(false);
    expect(isOpen(sundays, MONDAY + 7 * DAY - 60_000)).toBe(true);
  });

  it('has to satisfy interval, days and hours together', () => {
    const time = { from: '2026-01-05T10:00:00Z', until: '2026-01-06T10:00:00Z', days: [1, 2], start: 540, end: 720 };
    expect(openHours(time, MONDAY, 3)).toStrictEqual([10, 11, 33]);
  });

  it('follows the offsets of its zone, the first of which counts before its time', () => {
    const offsets = [
      [MONDAY + DAY, 60],
      [MONDAY + 2 * DAY, -300],
    ];
    const time = { start: 600, end: 660, offsets };
    expect(openHours(time, MONDAY, 4)).toStrictEqual([9, 33, 63, 87]);
  });

  it('skips what a spring night skips and sees twice what an autumn night repeats', () => {
    const berlin = [
      [Date.UTC(2026, 2, 29, 1), 120],
      [Date.UTC(2026, 9, 25, 1), 60],
    ];
    const offsets = [[0, 60], ...berlin];
    const earlyMorning = { start: 120, end: 180, offsets };
    expect(openHours(earlyMorning, Date.UTC(2026, 2, 28))).toStrictEqual([1]);
    expect(openHours(earlyMorning, Date.UTC(2026, 2, 29))).toStrictEqual([]);
    expect(openHours(earlyMorning, Date.UTC(2026, 2, 30))).toStrictEqual([0]);
    expect(openHours(earlyMorning, Date.UTC(2026, 9, 25))).toStrictEqual([0, 1]);
    const nights = { days: [6], start: 1320, end: 240, offsets };
    expect(openHours(nights, Date.UTC(2026, 2, 28), 2)).toStrictEqual([21, 22, 23, 24, 25]);
    expect(openHours(nights, Date.UTC(2026, 9, 24), 2)).toStrictEqual([20, 21, 22, 23, 24, 25, 26]);
  });

  it('may be negated', () => {
    const time = { from: '2026-01-05T00:00:00Z' };
    expect(isMatch({ not: { time } }, {}, MONDAY - 1)).toBe(true);
    expect(isMatch({ not: { time } }, {}, MONDAY)).toBe(false);
  });

  it.each<readonly [what: string, time: unknown]>([
    ['an end before its start', { from: '2026-01-06T00:00:00Z', until: '2026-01-05T00:00:00Z' }],
    ['no length', { from: '2026-01-05T00:00:00Z', until: '2026-01-05T00:00:00Z' }],
    ['no hours', { start: 60, end: 60 }],
    ['no days', { days: [] }],
    ['a day 0', { days: [0] }],
    ['a day 8', { days: [8] }],
    ['a day in words', { days: ['Mon'] }],
    ['a minute after midnight', { end: 1441 }],
    ['a negative minute', { start: -1, end: 5 }],
    ['half a minute', { start: 0.5 }],
    ['a date without time', { from: '2026-01-05' }],
    ['an instant without offset', { from: '2026-01-05T00:00:00' }],
    ['a day that does not exist', { from: '2025-02-29T00:00:00Z' }],
    ['an instant as a number', { from: MONDAY }],
    [
      'offsets that go back',
      {
        offsets: [
          [5, 0],
          [4, 60],
        ],
      },
    ],
    [
      'two offsets at once',
      {
        offsets: [
          [5, 0],
          [5, 60],
        ],
      },
    ],
    ['an offset of more than a day', { offsets: [[5, 1441]] }],
    ['an offset of half a minute', { offsets: [[5, 0.5]] }],
    ['an offset of three parts', { offsets: [[5, 0, 0]] }],
    ['an unknown member', { zone: 'Europe/Berlin' }],
    ['null', null],
    ['a list', []],
  ])('breaks the flag with %s', (_, time) => {
    expect(problemWith(flagWhen({ time }))).toBeTypeOf('string');
  });
});

describe('an instant', () => {
  const opensAt = (from: string, at: number): boolean => isOpen({ from }, at) && !isOpen({ from }, at - 1);

  it.each([
    ['2026-01-05T00:00:00Z', MONDAY],
    ['2026-01-05t00:00:00z', MONDAY],
    ['2026-01-05 00:00:00Z', MONDAY],
    ['2026-01-05T01:30:00+01:30', MONDAY],
    ['2026-01-04T18:30:00-05:30', MONDAY],
    ['2026-01-05T00:00:00-00:00', MONDAY],
    ['2026-01-05T00:00:00.0019Z', MONDAY + 1],
    ['2026-01-05T00:00:00.999999999Z', MONDAY + 999],
    ['1969-12-31T23:59:59.999Z', -1],
    ['0001-01-01T00:00:00Z', Date.parse('0001-01-01T00:00:00Z')],
    ['9999-12-31T23:59:59.999Z', Date.parse('9999-12-31T23:59:59.999Z')],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ])('is read as RFC 3339 says: %s', (text, at) => {
    expect(opensAt(text, at)).toBe(true);
  });

  it('keeps every millisecond', () => {
    for (let ms = 0; ms < 1000; ms++) {
      expect(opensAt(new Date(MONDAY + ms).toISOString(), MONDAY + ms)).toBe(true);
    }
  });

  it.each([
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-05T24:00:00Z',
    '2026-01-05T23:60:00Z',
    '2026-01-05T23:59:60Z',
    '2026-01-05T00:00:00+24:00',
    '2026-01-05T00:00:00+01:60',
    '2026-01-05T00:00:00+0100',
    '2026-01-05T00:00Z',
    '2026-01-05T00:00:00,5Z',
    '2026-01-05T00:00:00.Z',
    '26-01-05T00:00:00Z',
    '+002026-01-05T00:00:00Z',
    ' 2026-01-05T00:00:00Z',
    '2026-01-05T00:00:00Z\n',
    '',
  ])('is refused when it is none: %s', (from) => {
    expect(problemWith(flagWhen({ time: { from } }))).toBe('VALUE');
  });
});

describe('a progress', () => {
  const at = (day: number, hour = 0): string => new Date(MONDAY + day * DAY + hour * HOUR).toISOString();
  const serving = (points: readonly unknown[], parts: Entry = {}): Entry =>
    flagServing({ progress: { from: 'off', to: 'on', points, total: 24, ...parts } });
  /** The width at a moment, found by asking who is in. */
  const widthAt = (flag: Entry, now: number): number => {
    const buckets = Array.from({ length: 24 }, (_, bucket) => bucket);
    return buckets.filter((bucket) => {
      const mine = { mine: () => bucket };
      return variantOf(flag, { targetingKey: 'ann' }, now, [], { bucketers: mine }) === 'on';
    }).length;
  };
  const widths = (points: readonly unknown[], hours: readonly number[]): readonly number[] =>
    hours.map((hour) => widthAt(serving(points, { bucketer: 'mine' }), MONDAY + hour * HOUR));

  it('lies on straight lines between its points, rounded down, and is level outside', () => {
    const points = [
      [at(0), 0],
      [at(1), 24],
      [at(2), 12],
    ];
    expect(widths(points, [-100, 0, 0.999, 1, 1.5, 12, 23.99, 24, 24.1, 26, 36, 48, 500])).toStrictEqual([
      0, 0, 0, 1, 1, 12, 23, 24, 23, 23, 18, 12, 12,
    ]);
  });

  it('steps where two points are at one instant, and the later one counts there', () => {
    const points = [
      [at(0), 2],
      [at(1), 2],
      [at(1), 20],
      [at(2), 20],
      [at(2), 5],
    ];
    expect(widths(points, [23.999, 24, 47.999, 48, 49])).toStrictEqual([2, 20, 20, 5, 5]);
  });

  it('may be one point: a fixed width', () => {
    expect(widths([[at(0), 7]], [-1, 0, 1])).toStrictEqual([7, 7, 7]);
  });

  it('needs a unit', () => {
    expect(() => variantOf(serving([[at(0), 24]]), {})).toThrow('TARGETING_KEY_MISSING');
  });

  it.each<readonly [what: string, progress: Entry]>([
    ['no points', { points: [] }],
    [
      'points that go back',
      {
        points: [
          [at(1), 0],
          [at(0), 24],
        ],
      },
    ],
    ['a width above the total', { points: [[at(0), 25]] }],
    ['a negative width', { points: [[at(0), -1]] }],
    ['a fraction of a width', { points: [[at(0), 0.5]] }],
    ['a point without width', { points: [[at(0)]] }],
    ['a point of three parts', { points: [[at(0), 1, 1]] }],
    ['an instant that is none', { points: [['now', 1]] }],
    ['a null instant', { points: [[null, 1]] }],
    ['an unknown variation to go to', { points: [[at(0), 1]], to: 'gone' }],
    ['an unknown variation to come from', { points: [[at(0), 1]], from: 'gone' }],
    ['an unknown member', { points: [[at(0), 1]], sticky: 'x' }],
  ])('breaks the flag with %s', (_, parts) => {
    expect(problemWith(serving([], parts))).toBeTypeOf('string');
  });
});
