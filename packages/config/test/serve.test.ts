import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFlagFile } from '../src/index.ts';
import { expandFlag, expandServe, problemsOf } from './expanding.ts';

const table: readonly (readonly [written: string, means: unknown])[] = [
  ['on', { variation: 'on' }],
  ['{ variation: half }', { variation: 'half' }],
  [
    '{ on: 25%, off: 75% }',
    {
      split: {
        slices: [
          ['on', 25_000],
          ['off', 75_000],
        ],
      },
    },
  ],
  [
    '{ on: 0.5, off: 99.5 }',
    {
      split: {
        slices: [
          ['on', 500],
          ['off', 99_500],
        ],
      },
    },
  ],
  ['{ on: 100% }', { split: { slices: [['on', 100_000]] } }],
  [
    '{ on: 33.333%, off: 33.333%, half: 33.334% }',
    {
      split: {
        slices: [
          ['on', 33_333],
          ['off', 33_333],
          ['half', 33_334],
        ],
      },
    },
  ],
  [
    '{ split: { by: org.id, salt: s, slices: [[on, 10%], { off: 80% }, [on, 10%]], sticky: kept, experiment: e } }',
    {
      split: {
        by: 'org.id',
        salt: 's',
        slices: [
          ['on', 10_000],
          ['off', 80_000],
          ['on', 10_000],
        ],
        sticky: 'kept',
        experiment: 'e',
      },
    },
  ],
  [
    '{ split: { total: 1000, slices: { on: 1, off: 999 } } }',
    {
      split: {
        total: 1000,
        slices: [
          ['on', 1],
          ['off', 999],
        ],
      },
    },
  ],
  [
    '{ rollout: { to: on, start: "2026-12-01T00:00:00Z", end: "2026-12-08T00:00:00+01:00" } }',
    {
      progress: {
        from: 'off',
        to: 'on',
        points: [
          ['2026-12-01T00:00:00Z', 0],
          ['2026-12-08T00:00:00+01:00', 100_000],
        ],
      },
    },
  ],
  [
    '{ progress: { to: on, from: half, points: { 2026-12-01: 0%, 2026-12-08: 20% }, zone: UTC, by: org.id } }',
    {
      progress: {
        from: 'half',
        to: 'on',
        points: [
          ['2026-12-01T00:00:00Z', 0],
          ['2026-12-08T00:00:00Z', 20_000],
        ],
        by: 'org.id',
      },
    },
  ],
  [
    '{ rollout: { to: on, steps: { 2026-12-01 09:00: 10%, 2026-12-08 09:00: 100% }, zone: Europe/Berlin } }',
    {
      progress: {
        from: 'off',
        to: 'on',
        points: [
          ['2026-12-01T08:00:00Z', 0],
          ['2026-12-01T08:00:00Z', 10_000],
          ['2026-12-08T08:00:00Z', 10_000],
          ['2026-12-08T08:00:00Z', 100_000],
        ],
      },
    },
  ],
];

describe('What a flag serves', () => {
  test.each(table)('is expanded from %s', (written, means) => {
    expect(expandServe(written)).toEqual(means);
  });

  test('may be said by true and false in a boolean flag', () => {
    expect(expandFlag('serve: true')).toMatchObject({ fallthrough: { variation: 'on' } });
    expect(expandFlag('variations: { new: true, old: false }\nserve: { new: 1%, old: 99% }\noff: false')).toMatchObject(
      {
        off: 'old',
        fallthrough: {
          split: {
            slices: [
              ['new', 1000],
              ['old', 99_000],
            ],
          },
        },
      },
    );
  });

  test('may be a variation with the name of a word of the format', () => {
    expect(
      expandFlag('variations: { split: 1, rollout: 2 }\noff: split\nserve: { split: 50%, rollout: 50% }'),
    ).toMatchObject({
      fallthrough: {
        split: {
          slices: [
            ['split', 50_000],
            ['rollout', 50_000],
          ],
        },
      },
    });
  });

  const wrong: readonly (readonly [written: string, code: string, message: RegExp, hint: RegExp])[] = [
    ['{ on: 20%, off: 70% }', 'SPLIT', /sum to 90%/, /Add 10% to one/],
    ['{ on: 60%, off: 70% }', 'SPLIT', /sum to 130%/, /Take 30% from one/],
    ['{ on: 33.333%, off: 66.666% }', 'SPLIT', /sum to 99.999%/, /write 66.667% for the last/],
    ['{ on: 0.0001%, off: 99.9999% }', 'SHARE', /three decimals/, /0.001%/],
    ['{ on: 101% }', 'SHARE', /more than 100%/, /0% to 100%/],
    ['{ on: -1%, off: 101% }', 'SHARE', /"-1%" is no percentage/, /25%/],
    ['{ on: a lot }', 'SHARE', /no percentage/, /25%/],
    ['{ split: { total: 3, slices: { on: 50%, off: 50% } } }', 'SHARE', /no whole number/, /another total/],
    ['{ split: { slices: { on: 25000, off: 75000 } } }', 'SHARE', /more than 100%/, /0% to 100%/],
    ['{ onn: 100% }', 'VARIATION', /no variation "onn"/, /Did you mean "on"/],
    ['{ of: 100% }', 'VARIATION', /no variation "of"/, /Did you mean "off"/],
    ['{ split: { slices: { on: 100% } }, by: org.id }', 'MEMBER', /beside split/, /into split/],
    ['{ rollout: { to: on } }', 'MEMBER', /does not say when/, /start and end/],
    ['{ rollout: { to: on, start: 2026-12-01, end: 2026-12-02 } }', 'TIME', /no offset and no zone/, /zone/],
    ['{ rollout: { to: on, zone: UTC, start: 2026-12-02, end: 2026-12-01 } }', 'TIME', /ends before/, /later/],
    ['{ rollout: { to: on, zone: UTC, points: { 2026-12-02: 1%, 2026-12-01: 2% } } }', 'TIME', /order/, /earliest/],
  ];

  test.each(wrong)('is refused with a hint: %s', (written, code, message, hint) => {
    const problems = problemsOf(`flags: { f: { variations: { on: 1, off: 0, half: 2 }, serve: ${written} } }`);
    expect(problems[0]).toMatchObject({ code });
    expect(problems[0]!.message).toMatch(message);
    expect(problems[0]!.hint).toMatch(hint);
  });

  test('of a value where a variation is named says how values are served', () => {
    const hint =
      'The variations are on, off. To serve the value "Hello", write variations: { default: "Hello" } and serve: default.';
    expect(problemsOf('flags: { f: { serve: Hello } }')).toMatchObject([{ code: 'VARIATION', hint }]);
    expect(problemsOf('flags: { f: { serve: onn } }')).toMatchObject([{ hint: 'Did you mean "on"?' }]);
    expect(problemsOf('flags: { f: { variations: { on: 1, off: 0 }, serve: Hello } }')).toMatchObject([
      { hint: 'The variations are on, off.' },
    ]);
  });

  test('may be bucketed by any hash, unless it is said which there are', () => {
    const text = 'flags: { f: { serve: { split: { bucketer: murmur, slices: { on: 100% } } } } }';
    expect(parseFlagFile(text)).toMatchObject({ ok: true });
    expect(parseFlagFile(text, { bucketers: ['murmur'] })).toMatchObject({ ok: true });
    expect(parseFlagFile(text, { bucketers: [] })).toMatchObject({
      ok: false,
      problems: [{ code: 'BUCKETER', line: 1, column: 43 }],
    });
  });

  test('takes any percentages of three decimals that sum to 100', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 5 }), (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), 100_000];
        const widths = edges.slice(1).map((edge, index) => edge - edges[index]!);
        const names = widths.map((_, index) => `v${index}`);
        const percents = widths.map((width) => `${(width / 1000).toFixed(3)}%`);
        const slices = names.map((name, index) => `${name}: ${percents[index]}`);
        const flag = expandFlag(`variations: [${names.join(', ')}]\noff: v0\nserve: { ${slices.join(', ')} }`);
        expect(flag).toMatchObject({
          fallthrough: { split: { slices: names.map((name, index) => [name, widths[index]]) } },
        });
      }),
      { numRuns: 50 },
    );
  });
});
