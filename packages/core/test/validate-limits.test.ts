import { describe, expect, test } from 'vitest';
import { compileRuleset, problemOf } from '../src/index.ts';
import {
  MAX_CONDITION_DEPTH,
  MAX_PREREQUISITES,
  MAX_SEGMENT_DEPTH,
  MAX_STEPS,
  MAX_VALUE_DEPTH,
} from '../src/limits.ts';
import { validateRuleset } from '../src/validate.ts';
import { type Entry, flagOf, flagServing, flagWhen, rulesetOf, segmentOf } from './build.ts';
import { expectAgreement, problemsOf } from './problems.ts';

function deep(levels: number, wrap: (inner: unknown) => unknown, inner: unknown): unknown {
  let value = inner;
  for (let level = 0; level < levels; level++) value = wrap(value);
  return value;
}

test('a document that is wrong in thousands of places is answered in no more time than its size asks for', () => {
  // Each looked for among all segments, this takes a minute.
  const segments = Array.from({ length: 500 }, (_, index) => segmentOf({ key: `${'s'.repeat(55)}x${index}` }));
  const flags = Array.from({ length: 3000 }, (_, index) =>
    flagWhen({ segment: `${'s'.repeat(55)}y${index}` }, { key: `f${index}` }),
  );
  const problems = validateRuleset(rulesetOf(flags, segments));
  expect(problems).toHaveLength(3000);
  expect(problems[0]!.hint).toMatch(/^Did you mean `s+x0`\?$/);
  expect(problems.at(-1)!.hint).toMatch(/^The segments here: /);
});

describe('limits', () => {
  const chain = (length: number): readonly Entry[] =>
    Array.from({ length }, (_, index) =>
      segmentOf({ key: `s${index}`, rules: index + 1 < length ? [{ segment: `s${index + 1}` }] : [] }),
    );

  test('on segments in segments agree with the compiler to the level', () => {
    expectAgreement(rulesetOf([flagWhen({ segment: 's0' })], chain(MAX_SEGMENT_DEPTH + 1)));
    expect(problemsOf(flagWhen({ segment: 's0' }), chain(MAX_SEGMENT_DEPTH + 1))).toEqual([]);
    expectAgreement(rulesetOf([flagWhen({ segment: 's0' })], chain(MAX_SEGMENT_DEPTH + 2)));
    expect(problemsOf(flagWhen({ segment: 's0' }), chain(MAX_SEGMENT_DEPTH + 2))).toMatchObject([
      { path: ['segments', 's0', 'rules', 0, 'segment'], code: 'LIMIT', hint: expect.stringContaining('Nest') },
      { path: ['flags', 'f', 'rules', 0, 'when', 'segment'], code: 'SEGMENT' },
    ]);
  });

  test('on nested conditions agree with the compiler to the level', () => {
    for (const [levels, problems] of [
      [MAX_CONDITION_DEPTH, 0],
      [MAX_CONDITION_DEPTH + 1, 1],
    ] as const) {
      const flag = flagWhen(deep(levels, (not) => ({ not }), { attr: 'a', op: 'exists' }));
      expectAgreement(rulesetOf([flag]));
      const flattening = problemsOf(flag).filter(({ code, hint }) => code === 'LIMIT' && hint.startsWith('Flatten'));
      expect(flattening).toHaveLength(problems);
    }
  });

  test.each([
    [MAX_STEPS - 1, 0],
    [MAX_STEPS, 1],
  ])('on %d conditions of one flag agree with the compiler', (count, problems) => {
    const flag = flagWhen({ any: Array.from({ length: count }, () => ({ attr: 'a', op: 'eq', values: [1] })) });
    expectAgreement(rulesetOf([flag]));
    expect(problemsOf(flag).map(({ code }) => code)).toEqual(Array<string>(problems).fill('LIMIT'));
  });

  test('count what references bring', () => {
    const many = Array.from({ length: MAX_STEPS * 0.3 }, () => ({ attr: 'a', op: 'eq', values: [1] }));
    const segment = segmentOf({ rules: many });
    const base = flagWhen({ any: many }, { key: 'base' });
    for (const copies of [1, 2, 3, 4]) {
      const any = Array.from({ length: copies }, () => ({ segment: 's' }));
      const prerequisites = Array.from({ length: copies }, () => ({ flag: 'base', variations: ['on'] }));
      expectAgreement(rulesetOf([flagWhen({ any }), base], [segment]));
      expectAgreement(rulesetOf([flagOf({ prerequisites }), base], [segment]));
      expect(problemsOf(flagWhen({ any }), [segment])).toHaveLength(copies > 3 ? 1 : 0);
    }
  });

  test('on prerequisites agree with the compiler', () => {
    const flags = Array.from({ length: MAX_PREREQUISITES + 2 }, (_, index) =>
      flagOf({
        key: `f${index}`,
        prerequisites: index <= MAX_PREREQUISITES ? [{ flag: `f${index + 1}`, variations: ['on'] }] : [],
      }),
    );
    expectAgreement(rulesetOf(flags));
    expect(validateRuleset(rulesetOf(flags))).toMatchObject([
      { path: ['flags', 'f0', 'prerequisites'], code: 'LIMIT' },
    ]);
  });

  test('on values agree with the compiler to the level', () => {
    for (const [levels, problems] of [
      [MAX_VALUE_DEPTH, 0],
      [MAX_VALUE_DEPTH + 1, 1],
    ] as const) {
      const value = deep(levels, (inner) => [inner], []);
      const flag = flagOf({ type: 'object', variations: [{ name: 'off', value }] });
      expectAgreement(rulesetOf([flag]));
      expect(problemsOf(flag)).toHaveLength(problems);
    }
  });

  test('stand before the stack: 100 000 levels anywhere are one problem there', () => {
    const levels = 100_000;
    const list = deep(levels, (inner) => [inner], 1);
    const not = deep(levels, (inner) => ({ not: inner }), {});
    const all = deep(levels, (inner) => ({ all: [inner] }), {});
    expect(validateRuleset(list)).toHaveLength(1);
    for (const flag of [
      flagWhen(not),
      flagWhen(all),
      flagWhen({ attr: list, op: 'eq', values: [1] }),
      flagWhen({ attr: 'a', op: 'eq', values: [list] }),
      flagOf({ variations: [{ name: 'off', value: list }], type: 'object' }),
      flagOf({ metadata: { deep: list } }),
      flagServing({ split: { slices: [list] } }),
      flagWhen({ segment: 's' }, { prerequisites: [list] }),
    ]) {
      expect(problemsOf(flag, [segmentOf()]).length).toBeGreaterThan(0);
      expect(problemOf(compileRuleset(rulesetOf([flag], [segmentOf()])), 'f')).toBeDefined();
    }
    expect(
      problemsOf(flagOf(), [segmentOf({ rules: [not] }), segmentOf({ key: 't', rules: [{ segment: 't' }, all] })]),
    ).not.toHaveLength(0);
  });

  test('leave wide rulesets to be read whole', () => {
    const keys = Array.from({ length: 100_000 }, (_, index) => (index % 1000 ? `u${index}` : index));
    const problems = problemsOf(flagOf({ targets: [{ variation: 'on', keys }] }));
    expect(problems).toHaveLength(100);
  });
});
