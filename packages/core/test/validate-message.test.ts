import { describe, expect, test } from 'vitest';
import { validateRuleset } from '../src/validate.ts';
import { flagOf, flagServing, flagWhen, rulesetOf, segmentOf, splitOf } from './build.ts';
import { onlyProblem, problemsOf } from './problems.ts';

describe('what a problem says', () => {
  test.each([
    [
      { attr: 'a', op: 'equals', values: [1] },
      ['op'],
      'OPERATOR',
      'There is no operator "equals".',
      'The operators here: eq,',
    ],
    [{ attr: 'a', op: 'startWith', values: ['x'] }, ['op'], 'OPERATOR', '"startWith"', 'Did you mean `startsWith`?'],
    [{ op: 'eq', values: [1] }, [], 'MEMBER', 'has no `attr`', 'Add `attr`'],
    [{ attr: [], op: 'exists' }, ['attr'], 'TYPE', '`attr` is an empty list', 'org.plan'],
    [
      { attr: 'a', op: 'eq', value: [1], values: [1] },
      ['value'],
      'MEMBER',
      'no member `value`',
      'Did you mean `values`?',
    ],
    [{ attr: 'a', op: 'eq', values: [] }, ['values'], 'VALUE', 'nothing to compare with', 'List in `values`'],
    [{ attr: 'a', op: 'eq' }, ['values'], 'VALUE', 'nothing to compare with', 'List in `values`'],
    [{ attr: 'a', op: 'eq', values: 'x' }, ['values'], 'TYPE', '`values` is "x", not a list', 'Make it a list'],
    [{ attr: 'a', op: 'eq', values: ['x', null] }, ['values', 1], 'TYPE', 'This is null', 'use the operator `exists`'],
    [{ attr: 'a', op: 'lt', values: ['5'] }, ['values', 0], 'TYPE', 'This is "5", not a number', 'Make it a number'],
    [{ attr: 'a', op: 'cidr', values: ['10.0.0.0/33'] }, ['values', 0], 'VALUE', '"10.0.0.0/33"', '10.0.0.0/8'],
    [{ attr: 'a', op: 'verGt', values: ['1.x'] }, ['values', 0], 'VALUE', 'This is "1.x", not a version', '1.4.2'],
    [
      { attr: 'a', op: 'before', values: ['2026-02-30T00:00:00Z'] },
      ['values', 0],
      'TYPE',
      'not an instant',
      'RFC 3339',
    ],
    [
      { attr: 'a', op: 'matches', values: ['a(?=b)'] },
      ['values', 0],
      'PATTERN',
      '"a(?=b)" is not a pattern',
      'look-ahead',
    ],
    [{ attr: 'a', op: 'matches', values: ['(a)\\1'] }, ['values', 0], 'PATTERN', 'linear time', 'references to groups'],
    [
      { attr: 'a', op: 'lt', values: [1], as: 'string' },
      ['as'],
      'OPERATOR',
      '`lt` does not take',
      'number or date or version',
    ],
    [{ attr: 'a', op: 'eq', values: ['1'], as: 'numbr' }, ['as'], 'OPERATOR', '"numbr"', 'Did you mean `number`?'],
    [
      { attr: 'a', op: 'lt', values: [1], ignoreCase: true },
      ['ignoreCase'],
      'OPERATOR',
      'no letters',
      'Leave `ignoreCase` out',
    ],
    [
      { attr: 'a', op: 'eq', values: [1], as: 'number', ignoreCase: true },
      ['ignoreCase'],
      'OPERATOR',
      '`eq` as number',
      'Leave',
    ],
    [
      { attr: 'a', op: 'exists', ifMissing: true },
      ['ifMissing'],
      'OPERATOR',
      '`exists` takes no',
      'Leave `ifMissing` out',
    ],
  ])('about the clause %j', (clause, below, code, message, hint) => {
    const problem = onlyProblem(flagWhen(clause));
    expect(problem).toMatchObject({ path: ['flags', 'f', 'rules', 0, 'when', ...below], code });
    expect(problem.message).toContain(message);
    expect(problem.hint).toContain(hint);
  });

  test('about a misspelt `attr`: that it is missing, and what was written', () => {
    const at = ['flags', 'f', 'rules', 0, 'when'];
    expect(problemsOf(flagWhen({ atr: 'a', op: 'exists' }))).toMatchObject([
      { path: at, code: 'MEMBER', message: 'This clause has no `attr`.' },
      { path: [...at, 'atr'], code: 'MEMBER', hint: 'Did you mean `attr`?' },
    ]);
  });

  test.each([
    [{}, [], 'MEMBER', 'this has nothing', 'Write one of all, any'],
    [{ all: [], segment: 's' }, [], 'MEMBER', 'this has all and segment', 'put them into `all`'],
    [{ alll: [] }, ['alll'], 'MEMBER', 'no member `alll`', 'Did you mean `all`?'],
    [{ any: [{ all: {} }] }, ['any', 0, 'all'], 'TYPE', '`all` is an object, not a list', 'Make it a list'],
    [{ segment: 'x' }, ['segment'], 'SEGMENT', 'There is no segment "x"', 'Did you mean `s`?'],
    [{ segment: 'gone' }, ['segment'], 'SEGMENT', 'There is no segment "gone"', 'The segments here: s.'],
    [{ time: { days: [0] } }, ['time', 'days', 0], 'VALUE', 'This is 0', 'from 1 to 7'],
    [{ time: { start: 60, end: 60 } }, ['time', 'end'], 'VALUE', 'same minute', 'whole day'],
    [{ time: { from: '2026-06-01T12:00:00' } }, ['time', 'from'], 'VALUE', 'not an instant with its offset', 'Z'],
    [
      { time: { from: '2026-06-02T00:00:00Z', until: '2026-06-01T00:00:00Z' } },
      ['time', 'until'],
      'VALUE',
      'closes before it opens',
      'later than `from`',
    ],
    [
      {
        time: {
          offsets: [
            [5, 0],
            [5, 60],
          ],
        },
      },
      ['time', 'offsets', 1],
      'VALUE',
      'no later than',
      'order of time',
    ],
    [{ bucket: { from: 0, to: 5 } }, ['bucket', 'salt'], 'TYPE', '`salt` is missing', 'Add `salt`'],
    [{ bucket: { salt: 'x', from: 7, to: 5 } }, ['bucket', 'to'], 'VALUE', 'This is 5', 'from 7 to 100000'],
  ])('about the condition %j', (condition, below, code, message, hint) => {
    const problem = onlyProblem(flagWhen(condition), [segmentOf()]);
    expect(problem).toMatchObject({ path: ['flags', 'f', 'rules', 0, 'when', ...below], code });
    expect(problem.message).toContain(message);
    expect(problem.hint).toContain(hint);
  });

  test.each([
    [
      splitOf(1, {
        slices: [
          ['on', 60_000],
          ['off', 30_000],
        ],
      }),
      ['split', 'slices'],
      'SPLIT',
      'sum to 90000, 10000 less than',
      'Add 10000',
    ],
    [
      splitOf(1, {
        slices: [
          ['on', 9],
          ['off', 3],
        ],
        total: 10,
      }),
      ['split', 'slices'],
      'SPLIT',
      'sum to 12, 2 more than',
      'Take 2 off',
    ],
    [
      splitOf(1, { slices: [['onn', 10]], total: 10 }),
      ['split', 'slices', 0, 0],
      'VARIATION',
      '"onn"',
      'Did you mean `on`?',
    ],
    [
      splitOf(1, { slices: [['on']], total: 10 }),
      ['split', 'slices', 0],
      'TYPE',
      'not a pair',
      'the name of a variation',
    ],
    [
      splitOf(1, { slices: [['on', 5]], total: 'many' }),
      ['split', 'total'],
      'TYPE',
      '`total` is "many"',
      'whole number',
    ],
    [splitOf(1, { bucketer: 'murmur' }), ['split', 'bucketer'], 'BUCKETER', '"murmur"', 'built-in hash'],
    [splitOf(1, { total: 2 ** 20 + 1 }), ['split', 'total'], 'VALUE', '1048577', 'from 1 to 1048576'],
    [{ progress: { from: 'off', to: 'on', points: [] } }, ['progress', 'points'], 'VALUE', 'no points', 'at least one'],
    [{}, [], 'MEMBER', 'this has nothing', 'Write one of variation'],
  ])('about the serve %j', (serve, below, code, message, hint) => {
    const problem = onlyProblem(flagServing(serve));
    expect(problem).toMatchObject({ path: ['flags', 'f', 'fallthrough', ...below], code });
    expect(problem.message).toContain(message);
    expect(problem.hint).toContain(hint);
  });

  test.each([
    [{ enabled: undefined }, ['enabled'], 'TYPE', '`enabled` is missing', 'Add `enabled`: true or false'],
    [{ requires: ['rules', 'quota'] }, ['requires', 1], 'REQUIRES', 'knows `quota`', 'Update the reader'],
    [
      { metadata: { team: [] } },
      ['metadata', 'team'],
      'TYPE',
      'This is an empty list',
      'a text, a number or a boolean',
    ],
    [
      { targets: [{ variation: 'on', keys: ['a', 7] }] },
      ['targets', 0, 'keys', 1],
      'TYPE',
      'This is 7',
      'Make it a text',
    ],
    [{ client: 'yes' }, ['client'], 'TYPE', '`client` is "yes"', '"evaluated"'],
  ])('about the flag with %j', (parts, below, code, message, hint) => {
    const problem = onlyProblem(flagOf(parts));
    expect(problem).toMatchObject({ path: ['flags', 'f', ...below], code });
    expect(problem.message).toContain(message);
    expect(problem.hint).toContain(hint);
  });

  test.each([
    [
      [
        { name: 'on', value: true },
        { name: 'off', value: 'no' },
      ],
      [1, 'value'],
      'TYPE',
      `"no", and the flag's type is boolean`,
    ],
    [
      [
        { name: 'off', value: true },
        { name: 'off', value: true },
      ],
      [1, 'name'],
      'VARIATION',
      'already a variation "off"',
    ],
    [
      [
        { name: 'off', value: true },
        { name: '', value: true },
      ],
      [1, 'name'],
      'TYPE',
      '`name` is ""',
    ],
  ])('about the variations %j', (variations, below, code, message) => {
    const problem = onlyProblem(flagOf({ variations }));
    expect(problem).toMatchObject({ path: ['flags', 'f', 'variations', ...below], code });
    expect(problem.message).toContain(message);
  });

  test('about an entry under another key', () => {
    const json = { ...rulesetOf([]), flags: { f: flagOf({ key: 'g' }) } };
    expect(validateRuleset(json)).toEqual([
      {
        path: ['flags', 'f', 'key'],
        code: 'KEY',
        message: 'The entry under "f" says its key is "g".',
        hint: 'Make both "g", or both "f".',
      },
    ]);
  });

  test('without the value itself when that is long', () => {
    const { message } = onlyProblem(flagWhen({ attr: 'a', op: 'x'.repeat(1000), values: [1] }));
    expect(message.length).toBeLessThan(100);
  });
});
