import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { validateRuleset } from '../src/validate.ts';
import { brokenRulesetArbitrary } from './arbitrary/mutation.ts';
import { bucketers, rulesetArbitrary } from './arbitrary/ruleset.ts';
import { type Entry, flagOf, flagServing, flagWhen, rulesetOf, segmentOf, splitOf } from './build.ts';
import { expectAgreement, problemsOf } from './problems.ts';

describe('validateRuleset', () => {
  test('finds nothing in sound rulesets', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(rulesetArbitrary, (ruleset) => {
        expect(validateRuleset(ruleset, { bucketers: Object.keys(bucketers) })).toEqual([]);
      }),
    );
  });

  test('agrees with the compiler about broken rulesets', { timeout: 60_000 }, () => {
    fc.assert(fc.property(brokenRulesetArbitrary, expectAgreement), { numRuns: 800 });
  });

  test('agrees with the compiler about entries of any JSON', { timeout: 60_000 }, () => {
    const entries = fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.jsonValue());
    fc.assert(
      fc.property(entries, entries, (flags, segments) => {
        expectAgreement({ format: 1, environment: 'test', epoch: 'e', version: 0, flags, segments });
      }),
    );
  });

  test('takes any JSON', { timeout: 60_000 }, () => {
    fc.assert(fc.property(fc.jsonValue(), expectAgreement));
  });

  // Texts that are asked for are never made of something else, neither by a list's nor by an object's `toString`.
  test.each([[['2026-06-01T00:00:00Z']], [{ toString: 'x' }], [null], [7]])('takes no %j for a text', (stray) => {
    for (const flag of [
      flagServing({ progress: { from: 'off', to: 'on', points: [[stray, 1]] } }),
      flagServing({ split: { slices: [[stray, 100_000]] } }),
      flagOf({ off: stray }),
      flagOf({ type: stray }),
      flagWhen({ attr: 'a', op: stray, values: [1] }),
      flagWhen({ attr: 'a', op: 'eq', values: [1], as: stray }),
      flagWhen({ attr: 'a', op: 'before', values: [{ toString: stray }] }),
      flagWhen({ time: { from: stray } }),
    ]) {
      expectAgreement(rulesetOf([flag]));
      expect(problemsOf(flag)).not.toEqual([]);
    }
  });

  test('changes nothing of what it is given', () => {
    const value = { size: [1] };
    validateRuleset(rulesetOf([flagOf({ type: 'object', variations: [{ name: 'off', value }] })]));
    expect(Object.isFrozen(value) || Object.isFrozen(value.size)).toBe(false);
  });

  test('reports every problem, not only the first', () => {
    const flag = flagOf({
      off: 'of',
      rules: [
        { id: 'r', when: { attr: 'a', op: 'like', values: [1] }, serve: { variation: 'on' } },
        { id: 'r', when: { segment: 'gone' }, serve: splitOf(10, { total: 'many' }) },
      ],
    });
    expect(problemsOf(flag).map(({ path, code }) => [path.join('/'), code])).toEqual([
      ['flags/f/off', 'VARIATION'],
      ['flags/f/rules/0/when/op', 'OPERATOR'],
      ['flags/f/rules/1/id', 'KEY'],
      ['flags/f/rules/1/when/segment', 'SEGMENT'],
      ['flags/f/rules/1/serve/split/total', 'TYPE'],
    ]);
  });
});

describe('a ruleset as a whole', () => {
  test.each([
    [[], [], 'TYPE'],
    [null, [], 'TYPE'],
    [{ ...rulesetOf([]), format: 2 }, ['format'], 'FORMAT'],
    [{ ...rulesetOf([]), format: undefined }, ['format'], 'FORMAT'],
    [{ ...rulesetOf([]), environment: '' }, ['environment'], 'TYPE'],
    [{ ...rulesetOf([]), epoch: 'No Epoch' }, ['epoch'], 'VALUE'],
    [{ ...rulesetOf([]), version: 1.5 }, ['version'], 'TYPE'],
    [{ ...rulesetOf([]), flags: [] }, ['flags'], 'TYPE'],
    [{ ...rulesetOf([]), flags: undefined }, ['flags'], 'TYPE'],
    [{ ...rulesetOf([]), segments: 'none' }, ['segments'], 'TYPE'],
    [{ ...rulesetOf([]), seals: 1 }, ['seals'], 'TYPE'],
  ])('is refused: %j', (json, path, code) => {
    expect(validateRuleset(json)).toMatchObject([{ path, code }]);
  });

  test('of another format is not looked into', () => {
    expect(validateRuleset({ format: 2, flags: { f: 'new' } })).toHaveLength(1);
  });

  test('without a format is looked into', () => {
    const { format, ...rest } = rulesetOf([flagOf({ off: 'gone' })]);
    expect(format).toBe(1);
    expect(validateRuleset(rest).map(({ path }) => path)).toEqual([['format'], ['flags', 'f', 'off']]);
  });
});

describe('references', () => {
  test('to a broken segment are problems of whoever refers to it', () => {
    const broken = segmentOf({ rules: [{ attr: 'a', op: 'like', values: [1] }] });
    const outer = segmentOf({ key: 'outer', rules: [{ segment: 's' }] });
    expect(
      problemsOf(flagWhen({ segment: 'outer' }), [broken, outer]).map(({ path, code }) => [path.join('/'), code]),
    ).toEqual([
      ['segments/s/rules/0/op', 'OPERATOR'],
      ['segments/outer/rules/0/segment', 'SEGMENT'],
      ['flags/f/rules/0/when/segment', 'SEGMENT'],
    ]);
  });

  test('in a circle of segments show the way', () => {
    const segments = ['a', 'b', 'c'].map((key, index) =>
      segmentOf({ key, rules: [{ not: { segment: ['b', 'a', 'a'][index] } }] }),
    );
    expect(problemsOf(flagOf(), segments)).toMatchObject([
      {
        path: ['segments', 'a', 'rules', 0, 'not', 'segment'],
        code: 'CYCLE',
        message: expect.stringContaining('a → b → a'),
      },
      {
        path: ['segments', 'b', 'rules', 0, 'not', 'segment'],
        code: 'CYCLE',
        message: expect.stringContaining('b → a → b'),
      },
      { path: ['segments', 'c', 'rules', 0, 'not', 'segment'], code: 'SEGMENT' },
    ]);
  });

  test('in a circle of prerequisites show the way, and break nobody else', () => {
    const flag = (key: string, needs: string): Entry =>
      flagOf({ key, prerequisites: [{ flag: needs, variations: ['on'] }] });
    const problems = validateRuleset(rulesetOf([flag('a', 'b'), flag('b', 'c'), flag('c', 'a'), flag('d', 'a')]));
    expect(problems.map(({ path, code, message }) => [path.join('/'), code, message])).toEqual([
      ['flags/a/prerequisites/0/flag', 'CYCLE', 'The flag depends on itself: a → b → c → a.'],
      ['flags/b/prerequisites/0/flag', 'CYCLE', 'The flag depends on itself: b → c → a → b.'],
      ['flags/c/prerequisites/0/flag', 'CYCLE', 'The flag depends on itself: c → a → b → c.'],
    ]);
  });

  test('of an external segment come from the context alone', () => {
    expect(problemsOf(flagOf(), [segmentOf({ external: true, include: ['ann'] })])).toMatchObject([
      { path: ['segments', 's', 'include'], code: 'MEMBER' },
    ]);
  });
});
