import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRuleset, evaluate } from '../src/index.ts';
import { type Entry, flagOf, flagServing, flagWhen, NOW, problemWith, rulesetOf, splitOf, variantOf } from './build.ts';

const TOTAL = 100_000;

/** Answers for unit n of `flags`: one function a flag. */
function readers(flags: readonly Entry[]): readonly ((unit: string, now?: number) => string | undefined)[] {
  const compiled = compileRuleset(rulesetOf(flags));
  return flags.map(({ key }) => (targetingKey, now = NOW) => {
    return evaluate(compiled, String(key), { targetingKey }, null, now).variant;
  });
}

const users = Array.from({ length: 2000 }, (_, index) => `user-${index}`);

/** A flag with as many variations as it has equal slices. */
function evenly(key: string, slices: number): Entry {
  const names = Array.from({ length: slices }, (_, index) => `v${index}`);
  const variations = names.map((name) => ({ name, value: name }));
  const split = { slices: names.map((name) => [name, TOTAL / slices]) };
  return flagServing({ split }, { key, type: 'string', variations, off: 'v0' });
}

describe('the distribution of buckets', () => {
  it('is even: chi-squared of 1 000 000 users over 100 slices', () => {
    const [read = () => ''] = readers([evenly('f', 100)]);
    const counts = new Map<string | undefined, number>();
    for (let user = 0; user < 1_000_000; user++) {
      const variant = read(`user-${user}`);
      counts.set(variant, (counts.get(variant) ?? 0) + 1);
    }
    const expected = 10_000;
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(counts.size).toBe(100);
    // One in a thousand even distributions with 99 degrees of freedom is above.
    expect(chiSquared).toBeLessThan(148.23);
    // And one that is too even is none that a hash gives.
    expect(chiSquared).toBeGreaterThan(59);
  });

  it('of two flags is independent: chi-squared of their contingency table', () => {
    const [first = () => '', second = () => ''] = readers([evenly('checkout', 10), evenly('search', 10)]);
    const cells = new Map<string, number>();
    for (let user = 0; user < 200_000; user++) {
      const cell = `${first(`user-${user}`)} ${second(`user-${user}`)}`;
      cells.set(cell, (cells.get(cell) ?? 0) + 1);
    }
    const sums = (side: 0 | 1): Map<string, number> => {
      const result = new Map<string, number>();
      for (const [cell, count] of cells) {
        const name = cell.split(' ')[side] ?? '';
        result.set(name, (result.get(name) ?? 0) + count);
      }
      return result;
    };
    let chiSquared = 0;
    for (const [row, rowSum] of sums(0)) {
      for (const [column, columnSum] of sums(1)) {
        const expected = (rowSum * columnSum) / 200_000;
        chiSquared += ((cells.get(`${row} ${column}`) ?? 0) - expected) ** 2 / expected;
      }
    }
    // One in a thousand independent tables with 81 degrees of freedom is above.
    expect(chiSquared).toBeLessThan(126.08);
  });
});

const width = fc.integer({ min: 0, max: TOTAL });

describe('a unit stays', () => {
  it('in when a percentage is raised', () => {
    fc.assert(
      fc.property(width, width, (one, other) => {
        const [less = () => '', more = () => ''] = readers([
          flagServing(splitOf(Math.min(one, other)), { key: 'less', salt: 's' }),
          flagServing(splitOf(Math.max(one, other)), { key: 'more', salt: 's' }),
        ]);
        expect(users.filter((user) => less(user) === 'on' && more(user) !== 'on')).toStrictEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  it('where it is when a progress is frozen into a split', () => {
    const points = [
      ['2026-01-01T00:00:00Z', 0],
      ['2026-01-10T00:00:00Z', 90_000],
    ];
    for (const share of [0, 0.001, 0.25, 0.5, 0.999, 1]) {
      const now = Date.UTC(2026, 0, 1) + share * 9 * 86_400_000;
      const parts = { key: 'f' };
      const [moving = () => ''] = readers([flagServing({ progress: { from: 'off', to: 'on', points } }, parts)]);
      const [frozen = () => ''] = readers([flagServing(splitOf(90_000 * share), parts)]);
      expect(users.filter((user) => frozen(user) !== moving(user, now))).toStrictEqual([]);
    }
  });

  it('longest that came in first when a progress rolls back', () => {
    const points = [
      ['2026-01-01T00:00:00Z', 0],
      ['2026-01-02T00:00:00Z', TOTAL],
      ['2026-01-03T00:00:00Z', 0],
    ];
    const [read = () => ''] = readers([flagServing({ progress: { from: 'off', to: 'on', points } })]);
    const start = Date.UTC(2026, 0, 1);
    const inAt = (hour: number): readonly string[] =>
      users.filter((user) => read(user, start + hour * 3_600_000) === 'on');
    for (let hour = 0; hour < 24; hour++) {
      expect(inAt(48 - hour)).toStrictEqual(inAt(hour));
      const later = new Set(inAt(hour + 1));
      expect(inAt(hour).every((user) => later.has(user))).toBe(true);
    }
    expect(inAt(24)).toHaveLength(users.length);
  });

  it('unless its share moves, when a variation is listed again', () => {
    const slices = (...list: readonly (readonly [string, number])[]): Entry => flagServing({ split: { slices: list } });
    const [before = () => ''] = readers([slices(['on', 20_000], ['off', 80_000])]);
    const [after = () => ''] = readers([slices(['on', 20_000], ['off', 70_000], ['on', 10_000])]);
    const moved = users.filter((user) => before(user) !== after(user));
    expect(moved.every((user) => before(user) === 'off')).toBe(true);
    // A tenth moved; five standard deviations.
    expect(Math.abs(moved.length - 200)).toBeLessThan(68);
  });
});

describe('a range of buckets', () => {
  const within = (from: number, to: number, key = 'f'): Entry =>
    flagWhen({ bucket: { salt: 'layer', from, to } }, { key });

  it('excludes the ranges of other flags in its layer, and together they are all', () => {
    fc.assert(
      fc.property(width, width, (one, other) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const layer = readers([within(0, low, 'a'), within(low, high, 'b'), within(high, TOTAL, 'c')]);
        const places = (user: string): number => layer.filter((read) => read(user) === 'on').length;
        expect(users.filter((user) => places(user) !== 1)).toStrictEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('does not know the flag that asks: the salt is its own', () => {
    const [one = () => '', other = () => ''] = readers([
      within(0, 50_000, 'a'),
      { ...within(0, 50_000, 'b'), salt: 'x' },
    ]);
    expect(users.map((user) => one(user))).toStrictEqual(users.map((user) => other(user)));
  });

  it('that is negated is a holdout, which a context without a unit is not in either', () => {
    const held = { bucket: { salt: 'holdout', from: 0, to: 10_000 } };
    const [inside = () => '', outside = () => ''] = readers([
      flagWhen(held, { key: 'a' }),
      flagWhen({ not: held }, { key: 'b' }),
    ]);
    expect(users.filter((user) => inside(user) === outside(user))).toStrictEqual([]);
    for (const condition of [held, { not: held }, { not: { not: held } }]) {
      expect(variantOf(flagWhen(condition), {})).toBe('off');
      expect(variantOf(flagWhen(condition), { targetingKey: '' })).toBe('off');
    }
  });

  it('may be empty or all', () => {
    expect(variantOf(within(0, 0), { targetingKey: 'ann' })).toBe('off');
    expect(variantOf(within(0, TOTAL), { targetingKey: 'ann' })).toBe('on');
  });
});

describe('bucketing that is not sound breaks its flag', () => {
  const slices = [
    ['on', 40_000],
    ['off', 60_000],
  ];
  const range = { salt: 's', from: 0, to: 1 };

  it.each<readonly [what: string, code: string | undefined, serve: unknown]>([
    ['widths that are less than all', 'SPLIT', { split: { slices: [['on', 99_999]] } }],
    ['widths that are more than all', 'SPLIT', { split: { slices: [...slices, ['on', 1]] } }],
    ['widths of another total', undefined, { split: { slices, total: 1000 } }],
    ['no slices', 'SPLIT', { split: { slices: [] } }],
    [
      'a fraction of a bucket',
      'VALUE',
      {
        split: {
          slices: [
            ['on', 0.5],
            ['off', 99_999.5],
          ],
        },
      },
    ],
    [
      'a negative width',
      'VALUE',
      {
        split: {
          slices: [
            ['on', -1],
            ['off', 100_001],
          ],
        },
      },
    ],
    ['a width in words', undefined, { split: { slices: [['on', '100000']] } }],
    [
      'an unknown variation',
      'VARIATION',
      {
        split: {
          slices: [
            ['on', 40_000],
            ['gone', 60_000],
          ],
        },
      },
    ],
    ['a slice of three', 'TYPE', { split: { slices: [['on', 100_000, 'x']] } }],
    ['no buckets', 'VALUE', { split: { slices: [], total: 0 } }],
    ['more than 2^20 buckets', 'VALUE', { split: { slices: [['on', 1_048_577]], total: 1_048_577 } }],
    ['a fraction as total', undefined, { split: { slices: [['on', 1]], total: 1.5 } }],
    ['an empty by', undefined, { split: { slices, by: '' } }],
    ['an empty salt', undefined, { split: { slices, salt: '' } }],
    ['a null salt', undefined, { split: { slices, salt: null } }],
    ['a sticky that is no path', undefined, { split: { slices, sticky: 1 } }],
    ['an unknown member', 'MEMBER', { split: { slices, seed: 1 } }],
    ['a split and a variation', 'MEMBER', { split: { slices }, variation: 'on' }],
    ['nothing served', 'MEMBER', {}],
    ['an unknown variation alone', 'VARIATION', { variation: 'gone' }],
    ['a prototype’s member as variation', 'VARIATION', { variation: 'toString' }],
    ['null', 'TYPE', null],
  ])('%s', (_, code, serve) => {
    const problem = problemWith(flagServing(serve));
    expect(problem).toBeTypeOf('string');
    if (code) expect(problem).toBe(code);
    expect(problemWith(flagOf({ rules: [{ id: 'r', when: { any: [] }, serve }] }))).toBe(problem);
  });

  it.each([
    [{ ...range, salt: undefined }],
    [{ ...range, salt: '' }],
    [{ ...range, from: -1 }],
    [{ ...range, from: 2 }],
    [{ ...range, to: 100_001 }],
    [{ ...range, to: 0.5 }],
    [{ ...range, total: 1, to: 2 }],
    [{ ...range, from: undefined }],
    [{ ...range, width: 1 }],
    [null],
    [[]],
  ])('the range %j', (bucket) => {
    expect(problemWith(flagWhen({ bucket }))).toBeTypeOf('string');
  });
});
