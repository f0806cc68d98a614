import { describe, expect, test } from 'vitest';
import { parseFlagFile } from '../src/index.ts';
import { expandCondition, NOW, problemsOf } from './expanding.ts';

const timeOf = (written: string): unknown => (expandCondition(`{ time: ${written} }`) as { time: unknown }).time;

describe('A window of time', () => {
  const table: readonly (readonly [written: string, means: unknown])[] = [
    ['{ from: "2026-12-01T09:00:00+01:00" }', { from: '2026-12-01T09:00:00+01:00' }],
    ['{ from: "2026-12-01 09:00Z" }', { from: '2026-12-01T09:00:00Z' }],
    ['{ from: 2026-12-01, zone: Europe/Berlin }', { from: '2026-11-30T23:00:00Z' }],
    ['{ until: 2026-07-01T09:30, zone: Europe/Berlin }', { until: '2026-07-01T07:30:00Z' }],
    // One hour does not exist, another exists twice.
    ['{ from: 2027-03-28 02:30, zone: Europe/Berlin }', { from: '2027-03-28T01:30:00Z' }],
    ['{ from: 2026-10-25 02:30, zone: Europe/Berlin }', { from: '2026-10-25T00:30:00Z' }],
    // Before the first locked offset.
    ['{ from: 2020-07-01, zone: Europe/Berlin }', { from: '2020-06-30T22:00:00Z' }],
    ['{ days: weekdays }', { days: [1, 2, 3, 4, 5] }],
    ['{ days: [sunday, Mon, weekends, 3] }', { days: [1, 3, 6, 7] }],
    ['{ hours: "09:00-17:30" }', { start: 540, end: 1050 }],
    ['{ hours: "22:00-06:00", zone: UTC }', { start: 1320, end: 360 }],
    ['{ hours: "9:00 - 24:00" }', { start: 540, end: 1440 }],
    ['{ hours: "09:00-17:00", zone: Asia/Kolkata }', { start: 540, end: 1020, offsets: [[Date.UTC(2026, 0, 1), 330]] }],
  ];

  test.each(table)('%s is expanded', (written, means) => {
    expect(timeOf(written)).toEqual(means);
  });

  test('carries the offsets of its zone for ten years beyond this one', () => {
    const { offsets } = timeOf('{ days: mon, zone: Europe/Berlin }') as { offsets: [number, number][] };
    expect(offsets).toHaveLength(23);
    expect(offsets[0]).toEqual([Date.UTC(2026, 0, 1), 60]);
    expect(offsets[1]).toEqual([Date.UTC(2026, 2, 29, 1), 120]);
    expect(new Date(offsets.at(-1)![0]).getUTCFullYear()).toBe(2036);
  });

  test('finds changes of half an hour, at their minute', () => {
    const { offsets } = timeOf('{ days: mon, zone: Australia/Lord_Howe }') as { offsets: [number, number][] };
    expect(offsets.slice(0, 3)).toEqual([
      [Date.UTC(2026, 0, 1), 660],
      [Date.UTC(2026, 3, 4, 15), 630],
      [Date.UTC(2026, 9, 3, 15, 30), 660],
    ]);
  });

  test('carries only the offsets that hold inside it', () => {
    const window = '{ from: 2026-06-01, until: 2026-12-01, days: mon, zone: Europe/Berlin }';
    expect(timeOf(window)).toMatchObject({
      offsets: [
        [Date.UTC(2026, 2, 29, 1), 120],
        [Date.UTC(2026, 9, 25, 1), 60],
      ],
    });
  });

  test('takes the offsets that are locked, whatever this machine knows', () => {
    const zones = new Map([['Moon/Base', [[0, 17]] as const]]);
    const text = 'flags: { f: { rules: [{ if: { time: { hours: "09:00-10:00", zone: Moon/Base } }, serve: on }] } }';
    const result = parseFlagFile(text, { zones, now: NOW });
    expect(result).toMatchObject({ ok: true, entries: { zones } });
    expect(result.ok && result.entries.flags.get('f')!.rules[0]!.when).toMatchObject({ time: { offsets: [[0, 17]] } });
  });

  const wrong: readonly (readonly [written: string, code: string, message: RegExp, hint: RegExp])[] = [
    ['{ days: mondey }', 'TIME', /no day the text "mondey"/, /"monday"/],
    ['{ days: [0] }', 'TIME', /no day the number 0/, /1, Monday/],
    ['{ days: [] }', 'TIME', /never opens/, /every day/],
    ['{ hours: 9-17 }', 'TIME', /span of the day/, /09:00-17:00/],
    ['{ hours: "09:00-09:00" }', 'TIME', /begin where they end/, /whole day/],
    ['{ hours: "09:00-25:00" }', 'TIME', /span of the day/, /09:00-17:00/],
    ['{ from: 2026-02-30, zone: UTC }', 'TIME', /does not exist/, /Check day/],
    ['{ from: tomorrow }', 'TIME', /no date or time/, /2026-12-01/],
    ['{ from: 2026-12-01 }', 'TIME', /no offset and no zone/, /zone/],
    ['{ from: 2050-12-01, zone: Europe/Berlin }', 'TIME', /further ahead/, /offset/],
    ['{ from: 2026-12-02, until: 2026-12-01, zone: UTC }', 'TIME', /ends before/, /later/],
    ['{ days: mon, zone: Europe/Berln }', 'ZONE', /no time zone "Europe\/Berln"/, /"Europe\/Berlin"/],
    ['{ days: mon, zone: berlin }', 'ZONE', /no time zone/, /"Europe\/Berlin"/],
    ['{ days: mon, zone: "+02:00" }', 'ZONE', /no time zone/, /IANA/],
    ['{ zone: UTC }', 'TIME', /no bounds/, /days: weekdays/],
    ['{ day: mon }', 'MEMBER', /"day" is not a member/, /"days"/],
  ];

  test.each(wrong)('is refused with a hint: %s', (written, code, message, hint) => {
    const [problem] = problemsOf(`flags: { f: { rules: [{ if: { time: ${written} }, serve: on }] } }`);
    expect(problem).toMatchObject({ code });
    expect(problem!.message).toMatch(message);
    expect(problem!.hint).toMatch(hint);
  });
});
