import { describe, expect, test } from 'vitest';
import { parseFlagFile } from '../src/index.ts';
import { expand, expandFlag, problemsOf } from './expanding.ts';

const BOOLEAN = [
  { name: 'on', value: true },
  { name: 'off', value: false },
];

describe('A flag on one line', () => {
  const table: readonly (readonly [written: string, means: object])[] = [
    ['true', { type: 'boolean', variations: BOOLEAN, off: 'off', fallthrough: { variation: 'on' } }],
    ['false', { type: 'boolean', variations: BOOLEAN, off: 'off', fallthrough: { variation: 'off' } }],
    ['Hello', { type: 'string', variations: [{ name: 'default', value: 'Hello' }], off: 'default' }],
    ['12.5', { type: 'number', variations: [{ name: 'default', value: 12.5 }], off: 'default' }],
    ['[a, 1]', { type: 'object', variations: [{ name: 'default', value: ['a', 1] }], off: 'default' }],
  ];

  test.each(table)('%s serves that value to everyone', (written, means) => {
    const flag = expand(`flags: { tested: ${written} }`).flags.get('tested');
    expect(flag).toMatchObject({ key: 'tested', enabled: true, rules: [], ...means });
  });
});

describe('A flag', () => {
  test('of no words is a boolean that serves off', () => {
    expect(expandFlag('description: Nothing yet.')).toEqual({
      key: 'tested',
      type: 'boolean',
      enabled: true,
      variations: BOOLEAN,
      off: 'off',
      rules: [],
      fallthrough: { variation: 'off' },
    });
  });

  test('keeps what is for authors out of the ruleset', () => {
    const flag = expandFlag('description: d\nowner: o\ntags: [t]\nx-note: { any: thing }\nserve: on');
    expect(Object.keys(flag as object).sort()).toEqual(
      ['enabled', 'fallthrough', 'key', 'off', 'rules', 'type', 'variations'].sort(),
    );
  });

  test('takes over everything the ruleset knows', () => {
    const flag = expandFlag(
      [
        'type: string',
        'enabled: false',
        'variations: { a: x, b: y }',
        'off: b',
        'prerequisites: { other: true }',
        'targets: { a: [u-1, 7], b: { by: org.id, keys: acme } }',
        'serve: a',
        'salt: s',
        'client: evaluated',
        'metadata: { team: t, level: 3, public: true }',
      ].join('\n'),
    );
    expect(flag).toEqual({
      key: 'tested',
      type: 'string',
      enabled: false,
      variations: [
        { name: 'a', value: 'x' },
        { name: 'b', value: 'y' },
      ],
      off: 'b',
      prerequisites: [{ flag: 'other', variations: ['on'] }],
      targets: [
        { variation: 'a', keys: ['u-1', '7'] },
        { variation: 'b', keys: ['acme'], by: 'org.id' },
      ],
      rules: [],
      fallthrough: { variation: 'a' },
      salt: 's',
      client: 'evaluated',
      metadata: { team: 't', level: 3, public: true },
    });
  });

  test('takes prerequisites and targets in the long form too', () => {
    const flag = expandFlag(
      'prerequisites: [{ flag: other, variations: [on, off] }]\ntargets: [{ variation: on, keys: [u], by: org.id }]',
    );
    expect(flag).toMatchObject({
      prerequisites: [{ flag: 'other', variations: ['on', 'off'] }],
      targets: [{ variation: 'on', keys: ['u'], by: 'org.id' }],
    });
  });

  const variations: readonly (readonly [written: string, type: string, means: unknown])[] = [
    [
      '[small, large]',
      'string',
      [
        ['small', 'small'],
        ['large', 'large'],
      ],
    ],
    [
      '[10, 20]',
      'number',
      [
        ['10', 10],
        ['20', 20],
      ],
    ],
    [
      '[{ name: a, value: { x: 1 } }, { name: b, value: [] }]',
      'object',
      [
        ['a', { x: 1 }],
        ['b', []],
      ],
    ],
    [
      '{ on: [1], off: {} }',
      'object',
      [
        ['on', [1]],
        ['off', {}],
      ],
    ],
    [
      '{ yes: "no", no: "yes" }',
      'string',
      [
        ['yes', 'no'],
        ['no', 'yes'],
      ],
    ],
  ];

  test.each(variations)('has the variations %s, of type %s', (written, type, means) => {
    const first = (means as [string, unknown][])[0]![0];
    const flag = expandFlag(`variations: ${written}\noff: ${first}`) as {
      variations: { name: string; value: unknown }[];
    };
    expect(flag).toMatchObject({ type });
    expect(flag.variations.map(({ name, value }) => [name, value])).toEqual(means);
  });

  const offs: readonly (readonly [written: string, off: string])[] = [
    ['{ b: 1, off: 2 }', 'off'],
    ['{ b: 1, control: 2 }', 'control'],
    ['{ b: 1, default: 2 }', 'default'],
    ['{ yes: true, no: false }', 'no'],
    ['{ only: 1 }', 'only'],
  ];

  test.each(offs)('with the variations %s falls back to %s', (written, off) => {
    expect(expandFlag(`variations: ${written}`)).toMatchObject({ off, fallthrough: { variation: off } });
  });

  test('has to name its off variation when none is obvious', () => {
    const [problem] = problemsOf('flags: { f: { variations: [red, green] } }');
    expect(problem).toMatchObject({ code: 'MEMBER', hint: expect.stringContaining('red, green') });
  });

  test('keeps names of JavaScript objects as ordinary keys', () => {
    const { flags, segments } = expand(
      [
        'flags:',
        '  __proto__: { variations: { __proto__: { __proto__: 1 }, constructor: { a: 2 } }, off: __proto__, metadata: { __proto__: x } }',
        '  constructor: { rules: [{ id: toString, if: { segment: __proto__ }, serve: on }] }',
        '  toString: true',
        'segments: { __proto__: [u-1] }',
      ].join('\n'),
    );
    expect([...flags.keys()]).toEqual(['__proto__', 'constructor', 'toString']);
    expect([...segments.keys()]).toEqual(['__proto__']);
    const { variations, off, metadata } = flags.get('__proto__')!;
    expect(off).toBe('__proto__');
    expect(JSON.stringify(variations)).toBe(
      '[{"name":"__proto__","value":{"__proto__":1}},{"name":"constructor","value":{"a":2}}]',
    );
    expect(JSON.stringify(metadata)).toBe('{"__proto__":"x"}');
    expect(flags.get('constructor')!.rules).toMatchObject([{ id: 'toString', when: { segment: '__proto__' } }]);
  });
});

describe('A rule without an id', () => {
  const ids = (...rules: string[]): string[] => {
    const flag = expandFlag(`rules:\n${rules.map((rule) => `  - ${rule}`).join('\n')}`) as { rules: { id: string }[] };
    return flag.rules.map(({ id }) => id);
  };

  test('keeps its name when it moves or serves something else', () => {
    const [pro, german] = ids('{ if: { plan: pro }, serve: on }', '{ if: { country: DE }, serve: on }');
    expect(pro).toMatch(/^rule-[0-9a-f]{8}$/);
    expect(ids('{ if: { country: DE }, serve: off }', '{ if: { plan: pro }, serve: { on: 5%, off: 95% } }')).toEqual([
      german,
      pro,
    ]);
  });

  test('keeps its name when the time zones are renewed', () => {
    const text = 'flags: { f: { rules: [{ if: { time: { days: mon, zone: Europe/Berlin } }, serve: on }] } }';
    const [now, later] = [2026, 2031].map((year) => {
      const result = parseFlagFile(text, { now: Date.UTC(year, 5) });
      return result.ok ? result.entries.flags.get('f')!.rules[0]! : undefined;
    });
    expect(later!.id).toBe(now!.id);
    expect(later!.when).not.toEqual(now!.when);
  });

  test('is named anew when its condition changes', () => {
    expect(ids('{ if: { plan: pro }, serve: on }')).not.toEqual(ids('{ if: { plan: free }, serve: on }'));
  });

  test('is not mistaken for another when its condition is broken', () => {
    const text = 'flags: { f: { rules: [{ if: { a: 1 }, serve: on }, { if: { a: 1, segment: s }, serve: on }] } }';
    expect(problemsOf(text)).toMatchObject([{ code: 'SEGMENT' }]);
  });

  test('may have an id and the condition of another, with a warning', () => {
    const text = 'flags: { f: { rules: [{ if: { a: 1 }, serve: on }, { id: b, if: { a: 1 }, serve: off }] } }';
    const result = parseFlagFile(text);
    expect(result).toMatchObject({ ok: true, warnings: [{ severity: 'warning', code: 'DUPLICATE', line: 1 }] });
  });

  test('is refused when a rule above has the same condition', () => {
    const problems = problemsOf('flags: { f: { rules: [{ if: { a: 1 }, serve: on }, { if: { a: 1 }, serve: off }] } }');
    expect(problems).toMatchObject([{ code: 'DUPLICATE', path: ['flags', 'f', 'rules', 1, 'if'] }]);
  });
});

describe('A segment', () => {
  const table: readonly (readonly [written: string, means: object])[] = [
    ['[u-1, 2]', { include: ['u-1', '2'] }],
    [
      '{ include: u-1, exclude: [u-2], by: org.id, client: true }',
      { include: ['u-1'], exclude: ['u-2'], by: 'org.id', client: true },
    ],
    ['{ if: { plan: pro } }', { rules: [{ attr: 'plan', op: 'eq', values: ['pro'] }] }],
    [
      '{ rules: [{ segment: other }, { beta: true }] }',
      { rules: [{ segment: 'other' }, { attr: 'beta', op: 'eq', values: [true] }] },
    ],
    ['{ external: true, description: Looked up. }', { external: true }],
  ];

  test.each(table)('%s is expanded', (written, means) => {
    const { segments } = expand(`flags: {}\nsegments: { other: [x], tested: ${written} }`);
    expect(segments.get('tested')).toEqual({ key: 'tested', ...means });
  });
});
