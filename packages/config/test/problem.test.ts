import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatProblem, MAX_FILE_BYTES, parseFlagFile } from '../src/index.ts';
import { problemsOf } from './expanding.ts';

/** `»` marks the place that the problem has to name. */
function marked(text: string): { readonly text: string; readonly line: number; readonly column: number } {
  const before = text.slice(0, text.indexOf('»')).split('\n');
  return { text: text.replace('»', ''), line: before.length, column: before.at(-1)!.length + 1 };
}

const table: readonly (readonly [written: string, code: string, hint: RegExp])[] = [
  // The file.
  ['»enviroment: x\nflags: {}', 'MEMBER', /"environment"/],
  ['»', 'TYPE', /flags:/],
  ['»[]', 'TYPE', /flags:/],
  ['»segments: {}', 'MEMBER', /flags:/],
  ['environment: »3\nflags: {}', 'TYPE', /"3"/],
  ['flags: »[a]', 'TYPE', /new-checkout/],
  // Its syntax.
  ['flags:\n»\ta: true', 'SYNTAX', /spaces/],
  ['flags: { a: "b }»', 'SYNTAX', /Close the " that opens at 1:13\./],
  ["flags:\n  a: 'b\n  c: true\n»", 'SYNTAX', /Close the ' that opens at 2:6\./],
  ['flags:\n  a: [b, [c]\n  »d: true', 'SYNTAX', /Close the \[ that opens at 2:6\./],
  ['flags:\n  a:\n    serve: { on: 50%, off: 50%\n  »d: true', 'SYNTAX', /Close the \{ that opens at 3:12\./],
  ['flags: { a: [b»', 'SYNTAX', /Close the \{ that opens at 1:8\./],
  ['flags:\n  a: { serve: on }\n» b: true', 'SYNTAX', /same indentation/],
  ['flags: { a: »!!binary aGk= }', 'SYNTAX', /tag/],
  ['flags: { a: »*b }', 'SYNTAX', /anchor/],
  ['flags: &x { a: { variations: { off: »*x } } }', 'SYNTAX', /anchor/],
  ['flags: { a: { serve: on, »serve: off } }', 'DUPLICATE', /Remove/],
  ['flags:\n  base: &base { serve: on }\n  a:\n    »<<: *base\n', 'MEMBER', /alias/],
  ['flags:\n  a: true\n  »a: false\n', 'DUPLICATE', /Remove/],
  ['flags: { »[a]: true }', 'SYNTAX', /key/],
  ['flags: { a: ».inf }', 'VALUE', /[Qq]uote/],
  ['flags: { a: »12345678901234567890 }', 'VALUE', /[Qq]uote/],
  // Flags.
  ['flags: { a: »}', 'TYPE', /true, false/],
  ['flags: { a: { »serv: on } }', 'MEMBER', /"serve"/],
  ['flags: { a: { serve: »onn } }', 'VARIATION', /"on"/],
  ['flags: { a: { enabled: »"yes" } }', 'TYPE', /true or false/],
  ['flags: { a: { type: »bool, variations: { off: 1 } } }', 'TYPE', /"boolean"/],
  ['flags: { a: { type: »string } }', 'VARIATION', /variations/],
  ['flags: { a: { variations: { off: 1, b: »x } } }', 'TYPE', /one type/],
  ['flags: { a: { variations: »{} } }', 'VARIATION', /small/],
  ['flags: { a: { off: »none } }', 'VARIATION', /on, off/],
  ['flags: { a: { serve: on, »fallthrough: on } }', 'DUPLICATE', /Remove/],
  ['flags: { a: { client: »yes } }', 'TYPE', /evaluated/],
  ['flags: { a: { tags: »{} } }', 'TYPE', /\[first/],
  ['flags: { a: { description: »1 } }', 'TYPE', /"1"/],
  ['flags: { a: { metadata: { b: »[] } } }', 'TYPE', /object/],
  ['flags: { a: { prerequisites: { »bb: on } }, b: true }', 'FLAG', /"b"/],
  ['flags: { a: { prerequisites: { b: »maybe } }, b: true }', 'VARIATION', /on, off/],
  ['flags: { a: { targets: { »onn: [u] } } }', 'VARIATION', /"on"/],
  ['flags: { a: { targets: { on: [»007] } } }', 'TYPE', /"007"/],
  ['flags: { a: { targets: { on: { »key: [u], keys: [u] } } } }', 'MEMBER', /"keys"/],
  // Rules and conditions.
  ['flags: { a: { rules: »{} } }', 'TYPE', /plan: pro/],
  ['flags: { a: { rules: [»{ if: { a: 1 } }] } }', 'MEMBER', /serve: on/],
  ['flags: { a: { rules: [»{ serve: on }] } }', 'MEMBER', /everyone else/],
  ['flags: { a: { rules: [{ »when: { a: 1 }, if: { a: 1 }, serve: on }] } }', 'MEMBER', /id, description, if, serve/],
  ['flags: { a: { rules: [{ if: »{}, serve: on }] } }', 'VALUE', /attribute/],
  ['flags: { a: { rules: [{ if: »[{ a: 1 }], serve: on }] } }', 'TYPE', /all: or any:/],
  ['flags: { a: { rules: [{ if: »beta, serve: on }] } }\nsegments: { beta: [] }', 'TYPE', /segment: beta/],
  ['flags: { a: { rules: [{ if: { segment: »bta }, serve: on }] } }\nsegments: { beta: [] }', 'SEGMENT', /"beta"/],
  ['flags: { a: { rules: [{ if: { plan: { »inn: [x] } }, serve: on }] } }', 'OPERATOR', /"in"/],
  ['flags: { a: { rules: [{ if: { plan: { »">=": 1 } }, serve: on }] } }', 'OPERATOR', /gte/],
  ['flags: { a: { rules: [{ if: { org: { »plan: pro } }, serve: on }] } }', 'OPERATOR', /"org.plan"/],
  ['flags: { a: { rules: [{ if: { plan: { in: »[] } }, serve: on }] } }', 'VALUE', /Add/],
  ['flags: { a: { rules: [{ if: { plan: »~ }, serve: on }] } }', 'TYPE', /exists: false/],
  ['flags: { a: { rules: [{ if: { plan: »{} }, serve: on }] } }', 'OPERATOR', /in: \[a, b\]/],
  ['flags: { a: { rules: [{ if: { any: »{ a: 1 } }, serve: on }] } }', 'TYPE', /any: \[/],
  ['flags: { a: { rules: [{ if: { bucket: »{ to: 1% } }, serve: on }] } }', 'MEMBER', /salt/],
  ['flags: { a: { rules: [{ if: { attr: b, op: »eqq, values: [c] }, serve: on }] } }', 'OPERATOR', /"eq"/],
  [
    'flags: { a: { rules: [{ id: x, if: { a: 1 }, serve: on }, { id: »x, if: { a: 2 }, serve: on }] } }',
    'DUPLICATE',
    /own/,
  ],
  // Segments.
  ['flags: {}\nsegments: { a: »b }', 'TYPE', /plan: pro/],
  ['flags: {}\nsegments: { a: { »includes: [u] } }', 'MEMBER', /"include"/],
  ['flags: {}\nsegments: { a: { if: { b: 1 }, »rules: [{ c: 1 }] } }', 'DUPLICATE', /into the rules/],
  // What browsers must not get, or would miss.
  ['flags: { »a: { client: true, prerequisites: { b: on } }, b: true }', 'CLIENT', /evaluated/],
  [
    'flags: { »a: { client: true, rules: [{ if: { segment: s }, serve: on }] } }\nsegments: { s: [] }',
    'CLIENT',
    /client: true/,
  ],
  ['flags: { »a: { client: true, prerequisites: { b: on } }, b: { client: evaluated } }', 'CLIENT', /evaluated/],
  [
    'flags: { »a: { client: true, rules: [{ if: { any: [{ not: { all: [{ x: 1 }, { segment: s }] } }] }, serve: on }] } }\nsegments: { s: [] }',
    'CLIENT',
    /client: true/,
  ],
  ['flags: {}\nsegments: { »s: { client: true, if: { segment: t } }, t: [] }', 'CLIENT', /client: true/],
  ['flags: { a: { client: true, targets: { on: »[u-1, ada@example.com] } } }', 'CLIENT', /evaluated/],
  ['flags: {}\nsegments: { s: { client: true, include: »[ada@example.com] } }', 'CLIENT', /external/],
  ['flags: {}\nsegments: { s: { client: true, exclude: »[ada@example.com] } }', 'CLIENT', /external/],
  // What the check of the ruleset finds, at its place in the file.
  ['flags: { a: { rules: [{ if: { b: { matches: »"(a)\\\\1" } }, serve: on }] } }', 'PATTERN', /./],
  ['flags: { a: { rules: [{ if: { ip: { cidr: »10.0.0.0/99 } }, serve: on }] } }', 'VALUE', /./],
  ['flags: { a: { prerequisites: { »a: on } } }', 'CYCLE', /./],
  ['flags: { a: { variations: { off: 1, b: »} } }', 'TYPE', /empty/],
];

describe('A problem', () => {
  test.each(table)('is found at its place: %s', (written, code, hint) => {
    const { text, line, column } = marked(written);
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ severity: 'error', file: 'flags.yaml', code, line, column });
    expect(problems[0]!.hint).toMatch(hint);
  });

  test('does not hide the others', () => {
    const problems = problemsOf(
      'enviroment: x\nflags:\n  a: { serv: on, serve: onn, rules: [{ if: { b: { inn: 1 } } }] }\n  b:\n  c: { serve: { on: 1% } }\n',
    );
    expect(problems.map(({ line, code }) => `${line} ${code}`)).toEqual([
      '1 MEMBER',
      '3 MEMBER',
      '3 VARIATION',
      '3 MEMBER',
      '3 OPERATOR',
      '4 TYPE',
      '5 SPLIT',
    ]);
  });

  test('does not hide what the ruleset refuses beside it', () => {
    const problems = problemsOf(
      [
        'flags:',
        '  a:',
        '    serv: on',
        '    rules:',
        '      - { if: { b: { inn: 1 }, c: { matches: "(a)\\\\1" } } }',
        '      - { if: { d: { lt: x } }, serve: onn }',
        '  b: { variations: { x: 1, y: two }, prerequisites: { c: on } }',
        '  c: { prerequisites: { b: x } }',
        'segments: { s: { include: {}, if: { segment: s } } }',
      ].join('\n'),
    );
    expect(problems.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual([
      '3:5 MEMBER',
      '5:9 MEMBER',
      '5:22 OPERATOR',
      '5:46 PATTERN',
      '6:26 TYPE',
      '6:40 VARIATION',
      '7:8 MEMBER',
      '7:31 TYPE',
      '7:55 CYCLE',
      '8:25 CYCLE',
      '9:27 TYPE',
      '9:46 CYCLE',
    ]);
  });

  test('says where it is, by members and indexes', () => {
    const [problem] = problemsOf(
      'flags:\n  a:\n    rules:\n      - { if: { b: { lt: 5 } }, serve: { on: 9%, off: 1% } }\n',
    );
    expect(problem).toMatchObject({ path: ['flags', 'a', 'rules', 0, 'serve'], line: 4, column: 40, endColumn: 59 });
  });

  test('is not told twice when its text is aliased', () => {
    const text = 'x-rules: &r [{ if: { a: { inn: 1 } }, serve: on }]\nflags: { a: { rules: *r }, b: { rules: *r } }\n';
    expect(problemsOf(text)).toMatchObject([{ code: 'OPERATOR', line: 1 }]);
  });
});

describe('The size of a file', () => {
  test('is bounded', () => {
    const result = parseFlagFile(' '.repeat(MAX_FILE_BYTES + 1));
    expect(result).toMatchObject({ ok: false, problems: [{ code: 'LIMIT' }] });
  });

  test('counts aliases with all they stand for', () => {
    const levels = Array.from({ length: 30 }, (_, n) => `x-${n + 1}: &l${n + 1} [${`*l${n}, `.repeat(10)}]`);
    const problems = problemsOf(`x-0: &l0 [a]\n${levels.join('\n')}\nflags: { a: { variations: { off: *l30 } } }`);
    expect(problems).toMatchObject([{ code: 'LIMIT' }]);
  });

  test.each([
    ['closed brackets', `flags: ${'['.repeat(200)}${']'.repeat(200)}`],
    ['megabytes of brackets', '['.repeat(5_000_000)],
    ['braces', '{a: '.repeat(1_000_000)],
    ['dashes', '- '.repeat(1000)],
    ['question marks', '? '.repeat(1000)],
    ['indentation', Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['much more indentation', Array.from({ length: 3000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['aliases of deep values', `x-a: &a ${'['.repeat(60)}${']'.repeat(60)}\nx-b: ${'['.repeat(60)}*a${']'.repeat(60)}`],
    ['short lists', `flags: { a: [${'[],'.repeat(600_000)}] }`],
  ])('is bounded in depth and width: %s', { timeout: 30_000 }, (_what, text) => {
    expect(problemsOf(text)).toMatchObject([{ code: 'LIMIT' }]);
  });

  test('does not count what only looks like brackets', () => {
    const lists = '[],'.repeat(200);
    const text = `x-lists: [${lists}]\n# ${'['.repeat(200)}\nflags:\n  a: "${'['.repeat(200)}"\n  b: |\n    ${'['.repeat(200)}\n`;
    expect(parseFlagFile(text)).toMatchObject({ ok: true });
  });
});

describe('parseFlagFile', () => {
  test('reads aliases, comments and JSON', () => {
    const yaml = parseFlagFile('# c\nx-rule: &r { if: { a: 1 }, serve: on }\nflags: { a: { rules: [*r] } }', {
      now: 0,
    });
    const json = parseFlagFile('{ "flags": { "a": { "rules": [{ "if": { "a": 1 }, "serve": "on" }] } } }', { now: 0 });
    expect(yaml).toMatchObject({ ok: true });
    expect(yaml).toEqual(json);
  });

  test('reads YAML 1.2 even where the file asks for 1.1', () => {
    const result = parseFlagFile('%YAML 1.1\n---\nflags: { a: { variations: { on: yes, off: no } } }');
    expect(result.ok && result.entries.flags.get('a')!.variations).toEqual([
      { name: 'on', value: 'yes' },
      { name: 'off', value: 'no' },
    ]);
  });

  test('never throws', () => {
    const names =
      'flags segments a rules if serve on split rollout time zone UTC all not in __proto__ 2026-12-01'.split(' ');
    const scalars = '50% 1 true ~ &x *x << !!str | > " \' # % @ ? ---'.split(' ');
    const marks = [': ', ', ', '- ', '{', '}', '[', ']', '\n', '\n  ', '\n    ', '\t'];
    const words = fc.constantFrom(...names, ...scalars, ...marks);
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), fc.boolean(), (parts, inFlag) => {
        const text = inFlag ? `flags: { a: { ${parts.join('')} } }` : parts.join('');
        const result = parseFlagFile(text, { now: 0 });
        if (!result.ok) {
          expect(result.problems.some(({ severity }) => severity === 'error')).toBe(true);
          for (const problem of result.problems) expect(formatProblem(problem, text)).toContain(problem.code);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('formatProblem', () => {
  test('shows the place, the line with a caret, and the hint', () => {
    const text = 'flags:\r\n  a:\r\n    serv: on\r\n';
    const [problem] = problemsOf(text);
    expect(formatProblem(problem!, text)).toBe(
      [
        'flags.yaml:3:5 error MEMBER: "serv" is not a member of a flag.',
        '  3 |     serv: on',
        '    |     ^^^^',
        '  hint: Did you mean "serve"?',
      ].join('\n'),
    );
    expect(formatProblem(problem!)).not.toContain('^');
  });

  test('shows the part of a long line that matters', () => {
    const text = `flags: { a: { tags: [${'t, '.repeat(200)}], serve: onn } }`;
    const [problem] = problemsOf(text);
    const [, line, caret] = formatProblem(problem!, text).split('\n');
    expect(line!.length).toBeLessThan(160);
    expect(line!.slice(caret!.indexOf('^'))).toMatch(/^onn /);
  });

  test('lets nothing through that a terminal would obey', () => {
    const text = 'flags: { a: { "\\e[31mred\\u202e": 1 } } #\u001B[2J';
    const [problem] = problemsOf(text.replace('\u001B', ''));
    const shown = formatProblem(problem!, text);
    expect(shown).toContain('\uFFFD');
    expect([shown.includes('\u001B'), shown.includes('\u202E')]).toEqual([false, false]);
  });
});

test('A file full of unknown names is answered without looking for what each was meant to be', () => {
  const name = (i: number): string => `a-segment-with-a-rather-long-name-of-its-own-${i}`;
  const segments = Array.from({ length: 300 }, (_, i) => `  ${name(i)}: { include: [u] }`);
  const flags = Array.from({ length: 300 }, (_, i) => {
    const wrong = Array.from({ length: 10 }, (_unused, j) => `${name(i)}-${j}x`);
    return `  f${i}: { rules: [{ if: { segment: [${wrong.join(', ')}] }, serve: on }] }`;
  });
  const problems = problemsOf(`flags:\n${flags.join('\n')}\nsegments:\n${segments.join('\n')}\n`);
  expect(problems).toHaveLength(3000);
  // The first are looked up, so that a file with a few mistakes is helped.
  expect(problems[0]!.hint).toContain('Did you mean');
  expect(problems.filter(({ hint }) => hint.includes('Did you mean'))).toHaveLength(40);
});
