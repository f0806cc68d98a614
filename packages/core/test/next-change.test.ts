import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRuleset, type CompiledRuleset, evaluate, type EvaluationContext, nextChangeAt } from '../src/index.ts';
import { type Entry, flagOf, flagServing, flagWhen, rulesetOf, segmentOf } from './build.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
// A Monday at midnight.
const START = Date.UTC(2026, 2, 2);

const at = (time: number): string => new Date(time).toISOString();
const compile = (flags: readonly Entry[], segments: readonly Entry[] = []): CompiledRuleset =>
  compileRuleset(rulesetOf(flags, segments));
const answer = (compiled: CompiledRuleset, now: number, context: EvaluationContext = {}): string | undefined =>
  evaluate(compiled, 'f', context, null, now).variant;

/** The first minute after `now`, of so many, at which the answer differs. */
function scan(compiled: CompiledRuleset, now: number, minutes: number): number | undefined {
  const before = answer(compiled, now);
  for (let minute = 1; minute <= minutes; minute++) {
    if (answer(compiled, now + minute * MINUTE) !== before) return now + minute * MINUTE;
  }
  return undefined;
}

const minuteArbitrary = fc.integer({ min: 0, max: 1440 });
const instantArbitrary = fc.integer({ min: 0, max: 21 * 1440 }).map((minute) => START + minute * MINUTE);

const windowArbitrary = fc
  .record(
    {
      from: instantArbitrary,
      until: instantArbitrary,
      days: fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1, maxLength: 3 }),
      hours: fc.tuple(minuteArbitrary, minuteArbitrary),
      offsets: fc.uniqueArray(fc.tuple(instantArbitrary, fc.constantFrom(-720, -300, 0, 60, 120, 345, 840)), {
        selector: ([from]) => from,
        minLength: 1,
        maxLength: 3,
      }),
    },
    { requiredKeys: [] },
  )
  .filter(({ from = 0, until = Infinity, hours: [start, end] = [0, 1] }) => from < until && start !== end)
  .map(({ from, until, days, hours, offsets }) => ({
    ...(from !== undefined && { from: at(from) }),
    ...(until !== undefined && { until: at(until) }),
    ...(days && { days }),
    ...(hours && { start: hours[0], end: hours[1] }),
    ...(offsets && { offsets: [...offsets].sort(([one], [other]) => one - other) }),
  }));

describe('the next edge of a window', () => {
  it('is what scanning minute by minute finds', () => {
    fc.assert(
      fc.property(windowArbitrary, instantArbitrary, (time, now) => {
        const compiled = compile([flagWhen({ time })]);
        const minutes = 16 * 1440;
        const found = scan(compiled, now, minutes);
        const next = nextChangeAt(compiled, now);
        if (found === undefined) expect(next ?? Infinity).toBeGreaterThan(now + minutes * MINUTE);
        else expect(next).toBe(found);
      }),
      { numRuns: 300 },
    );
  });

  it('is found past the weeks whose hour a change of offset skips', () => {
    // In Berlin, 2:30 to 3:00 does not exist on the Sunday of 29 March 2026.
    const offsets = [
      [0, 60],
      [Date.UTC(2026, 2, 29, 1), 120],
    ];
    const compiled = compile([flagWhen({ time: { days: [7], start: 150, end: 180, offsets } })]);
    expect(nextChangeAt(compiled, Date.UTC(2026, 2, 23))).toBe(Date.UTC(2026, 3, 5, 0, 30));
  });

  it('follows the hours on both sides of a change of offset', () => {
    const offsets = [
      [0, 60],
      [Date.UTC(2026, 2, 29, 1), 120],
      [Date.UTC(2026, 9, 25, 1), 60],
    ];
    const compiled = compile([flagWhen({ time: { start: 540, end: 1020, offsets } })]);
    const edges = (from: number, count: number): readonly (number | undefined)[] => {
      const found: (number | undefined)[] = [];
      for (let now: number | undefined = from; now !== undefined && found.length < count;) {
        now = nextChangeAt(compiled, now);
        found.push(now);
      }
      return found;
    };
    expect(edges(Date.UTC(2026, 2, 28), 4)).toStrictEqual([
      Date.UTC(2026, 2, 28, 8),
      Date.UTC(2026, 2, 28, 16),
      Date.UTC(2026, 2, 29, 7),
      Date.UTC(2026, 2, 29, 15),
    ]);
    expect(edges(Date.UTC(2026, 9, 24), 4)).toStrictEqual([
      Date.UTC(2026, 9, 24, 7),
      Date.UTC(2026, 9, 24, 15),
      Date.UTC(2026, 9, 25, 8),
      Date.UTC(2026, 9, 25, 16),
    ]);
  });

  it('is exact to the millisecond and strictly later', () => {
    const compiled = compile([flagWhen({ time: { from: at(START + 123), until: at(START + 456) } })]);
    expect(nextChangeAt(compiled, START - 10 * DAY * 365)).toBe(START + 123);
    expect(nextChangeAt(compiled, START + 122.5)).toBe(START + 123);
    expect(nextChangeAt(compiled, START + 123)).toBe(START + 456);
    expect(nextChangeAt(compiled, START + 456)).toBeUndefined();
  });

  it('is none where all the days and hours are one', () => {
    expect(nextChangeAt(compile([flagWhen({ time: { days: [1, 2, 3, 4, 5, 6, 7] } })]), START)).toBeUndefined();
    expect(nextChangeAt(compile([flagWhen({ time: {} })]), START)).toBeUndefined();
  });
});

const pointsArbitrary = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 40 * 1440 }), fc.integer({ min: 0, max: 1000 })), {
    minLength: 1,
    maxLength: 5,
  })
  .map((points) =>
    points
      .sort(([one], [other]) => one - other)
      .map(([minute, width]) => [at(START + minute * MINUTE), width] as const),
  );

const serving = (points: readonly unknown[], parts: Entry = {}): Entry =>
  flagServing({ progress: { from: 'off', to: 'on', points, total: 1000, ...parts } });

describe('the next step of a progress', () => {
  it('with a context is the first millisecond at which its unit changes sides', () => {
    fc.assert(
      fc.property(pointsArbitrary, fc.string({ minLength: 1 }), instantArbitrary, (points, targetingKey, now) => {
        const compiled = compile([serving(points)]);
        const context = { targetingKey };
        const before = answer(compiled, now, context);
        // Between two neighbours of these instants the width moves one way, so that one change can be bisected.
        const instants = points
          .flatMap(([text]) => [Date.parse(text) - 1, Date.parse(text)])
          .filter((time) => time > now);
        let low = now;
        let expected: number | undefined;
        for (const instant of instants) {
          if (answer(compiled, instant, context) === before) {
            low = instant;
            continue;
          }
          let high = instant;
          while (high - low > 1) {
            const middle = Math.floor((low + high) / 2);
            if (answer(compiled, middle, context) === before) low = middle;
            else high = middle;
          }
          expected = high;
          break;
        }
        expect(nextChangeAt(compiled, now, context)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('is the very millisecond that a scan of all of them finds', () => {
    const compiled = compile([
      serving([
        [at(START), 0],
        [at(START + 5000), 1000],
      ]),
    ]);
    for (let user = 0; user < 20; user++) {
      const context = { targetingKey: `user-${user}` };
      let now = START - 10;
      while (answer(compiled, now, context) === 'off') now++;
      expect(nextChangeAt(compiled, START - 10, context)).toBe(now);
      expect(nextChangeAt(compiled, now, context)).toBeUndefined();
    }
  });

  it('without a context is each of its points', () => {
    const points = [
      [at(START), 0],
      [at(START + DAY), 500],
      [at(START + DAY), 700],
      [at(START + 2 * DAY), 1000],
    ];
    const compiled = compile([serving(points)]);
    const next = [START - 1, START, START + DAY, START + 2 * DAY].map((now) => nextChangeAt(compiled, now));
    expect(next).toStrictEqual([START, START + DAY, START + 2 * DAY, undefined]);
  });

  it('is the step itself where two points are at one instant', () => {
    const compiled = compile([
      serving([
        [at(START), 0],
        [at(START), 1000],
        [at(START + DAY), 1000],
        [at(START + DAY), 0],
      ]),
    ]);
    const context = { targetingKey: 'ann' };
    expect(nextChangeAt(compiled, START - DAY, context)).toBe(START);
    expect(nextChangeAt(compiled, START, context)).toBe(START + DAY);
    expect(nextChangeAt(compiled, START + DAY, context)).toBeUndefined();
  });

  it('is none for a context without a unit', () => {
    const compiled = compile([
      serving([
        [at(START), 0],
        [at(START + DAY), 1000],
      ]),
    ]);
    for (const context of [{}, { targetingKey: '' }, { id: 'ann' }]) {
      expect(nextChangeAt(compiled, START, context)).toBeUndefined();
    }
  });
});

describe('nextChangeAt', () => {
  it('takes no quadratic time for offsets, and looks at a window once, however many flags refer to it', () => {
    const offsets = Array.from({ length: 9000 }, (_, index) => [START + index * HOUR, index % 2 ? 60 : 0]);
    const never = { time: { until: at(START - DAY), offsets } };
    const segments = [segmentOf({ rules: [never] })];
    const flags = Array.from({ length: 500 }, (_, index) => flagWhen({ segment: 's' }, { key: `f${index}` }));
    expect(nextChangeAt(compile(flags, segments), START - HOUR)).toBeUndefined();
  });

  const opens = (time: number): Entry => ({ time: { from: at(time) } });

  it('is the earliest of all flags', () => {
    const flags = [3, 1, 2].map((day) => flagWhen(opens(START + day * DAY), { key: `f${day}` }));
    const compiled = compile([...flags, serving([[at(START + 5 * DAY), 0]], { by: 'org' })]);
    const next = [0, 1, 2, 3, 5].map((day) => nextChangeAt(compiled, START + day * DAY));
    expect(next).toStrictEqual([1, 2, 3, 5, undefined].map((day) => day && START + day * DAY));
  });

  it('looks into segments, nested conditions and prerequisites', () => {
    const segments = [
      segmentOf({ rules: [{ segment: 't' }] }),
      segmentOf({ key: 't', rules: [{ not: { any: [opens(START + DAY)] } }] }),
    ];
    const gate = flagWhen(opens(START + 2 * DAY), { key: 'gate' });
    const flag = flagWhen({ segment: 's' }, { prerequisites: [{ flag: 'gate', variations: ['on'] }] });
    const compiled = compile([flag, gate], segments);
    expect(nextChangeAt(compiled, START)).toBe(START + DAY);
    expect(nextChangeAt(compiled, START + DAY)).toBe(START + 2 * DAY);
  });

  it('looks at one flag alone when it is named, and at all it depends on', () => {
    const flags = [
      flagWhen(opens(START + DAY), { key: 'gate' }),
      flagWhen(opens(START + 3 * DAY), { key: 'later', prerequisites: [{ flag: 'gate', variations: ['on'] }] }),
      flagWhen(opens(START + 2 * DAY), { key: 'other' }),
      flagWhen(opens(START + DAY), { key: 'disabled', enabled: false }),
    ];
    const compiled = compile(flags);
    const next = (now: number, key: string): number | undefined => nextChangeAt(compiled, now, undefined, key);
    expect(next(START, 'later')).toBe(START + DAY);
    expect(next(START + DAY, 'later')).toBe(START + 3 * DAY);
    expect(next(START, 'other')).toBe(START + 2 * DAY);
    expect([next(START, 'disabled'), next(START, 'missing')]).toStrictEqual([undefined, undefined]);
  });

  it('passes over flags that are disabled or broken, and segments that no flag asks for', () => {
    const flags = [
      flagWhen(opens(START + DAY), { enabled: false }),
      flagWhen(opens(START + DAY), { key: 'broken', off: 'gone' }),
      flagOf({ key: 'plain' }),
    ];
    const compiled = compile(flags, [segmentOf({ rules: [opens(START + DAY)] })]);
    expect(nextChangeAt(compiled, START)).toBeUndefined();
  });

  it.each([Number.NaN, Infinity, -Infinity, 1e300, -1e300, 8.64e15])('comes back for the odd clock %d', (now) => {
    const compiled = compile([
      serving([
        [at(START), 0],
        [at(START), 1000],
      ]),
      flagWhen({ time: { days: [1], start: 60, offsets: [[START, 60]] } }, { key: 'g' }),
    ]);
    for (const context of [undefined, { targetingKey: 'ann' }]) {
      expect(nextChangeAt(compiled, now, context) ?? Infinity).not.toBeLessThan(now);
    }
  });
});
