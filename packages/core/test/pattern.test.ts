import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compilePattern,
  MAX_PATTERN_INPUT,
  MAX_PATTERN_LENGTH,
  MAX_PATTERN_STATES,
  parsePattern,
  searchPattern,
} from '../src/pattern.ts';

function matches(source: string, input: string, ignoreCase = false): boolean | undefined {
  return compilePattern(source, ignoreCase)?.(input);
}

/** Reads of states during one search: the work it takes, whatever the machine. */
function countVisits(source: string, input: string): { visits: number; states: number; found: boolean } {
  const pattern = parsePattern(source, false);
  if (!pattern) throw new Error(`${source} should be a pattern`);
  let visits = 0;
  for (const state of pattern.states) {
    const { takes } = state;
    Object.defineProperty(state, 'takes', {
      get: () => {
        visits++;
        return takes;
      },
    });
  }
  const states = pattern.states.length;
  const found = searchPattern(pattern, input);
  return { visits, states, found };
}

describe('what a pattern matches', () => {
  // Each row is also put to `RegExp`.
  it.each([
    // Literals, the empty pattern, search anywhere
    ['', '', true],
    ['', 'abc', true],
    ['b', 'abc', true],
    ['bc', 'abc', true],
    ['ac', 'abc', false],
    ['B', 'abc', false],
    ['a b', 'xa bx', true],
    ['é中😀', '.é中😀.', true],
    // Any character
    ['a.c', 'abc', true],
    ['a.c', 'a😀c', true],
    ['a..c', 'a😀c', false],
    ['^.$', '\ud83d', true],
    ['^.$', '\ud83d\ude00', true],
    ['.', '\n', false],
    ['.', '\r', false],
    ['.', '\u2028', false],
    ['.', '\u2029', false],
    ['.', '\u0085', true],
    // Anchors and edges of words
    ['^ab$', 'ab', true],
    ['^b', 'ab', false],
    ['a$', 'ab', false],
    ['^', '', true],
    ['$', 'abc', true],
    ['^$', '', true],
    ['^$', '\n', false],
    ['b^', 'ab', false],
    ['a$b', 'ab', false],
    ['^a', 'b\na', false],
    ['a$', 'a\nb', false],
    ['(^|,)b', 'a,b', true],
    ['(^|,)b', 'ab', false],
    ['^^a$$', 'a', true],
    [String.raw`\bcat\b`, 'a cat.', true],
    [String.raw`\bcat\b`, 'concat', false],
    [String.raw`\Bcat`, 'concat', true],
    [String.raw`\Bcat`, 'a cat', false],
    [String.raw`^\b`, 'a', true],
    [String.raw`\b`, '', false],
    [String.raw`\B`, '', true],
    [String.raw`a\b_`, 'a_', false],
    [String.raw`a\bé`, 'aé', true],
    // Classes
    ['[abc]', 'xbx', true],
    ['[abc]', 'xyz', false],
    ['[a-c]', 'b', true],
    ['[a-c]', 'd', false],
    ['^[^a-c]$', 'd', true],
    ['^[^a-c]$', 'b', false],
    ['^[^a]$', '\n', true],
    ['^[^a]$', '😀', true],
    ['[😀-😂]', '😁', true],
    ['[😀-😂]', '\ud83d', false],
    ['[.]', 'a', false],
    ['[.*+?(){}|$^[]', '$', true],
    ['[a^]', '^', true],
    ['^[-a]$', '-', true],
    ['^[a-]$', '-', true],
    ['^[+--]$', ',', true],
    ['^[a-c-e]$', 'd', false],
    ['^[a-c-e]$', '-', true],
    [String.raw`^[\d-]$`, '-', true],
    [String.raw`^[\]\\]+$`, String.raw`]\ `.trim(), true],
    [String.raw`^[a\-c]$`, 'b', false],
    [String.raw`^[\w.]+$`, 'a.b_1', true],
    [String.raw`^[\D]$`, '1', false],
    [String.raw`^[^\W_]$`, '_', false],
    [String.raw`^[\s\S]$`, '\n', true],
    [String.raw`[^\s\S]`, 'a', false],
    [String.raw`^[\x41-\u0043\u{44}]+$`, 'ABCD', true],
    // Shorthands
    [String.raw`^\d+$`, '0189', true],
    [String.raw`\d`, '/:٣', false],
    [String.raw`^\D+$`, 'a٣', true],
    [String.raw`^\w+$`, 'azAZ09_', true],
    [String.raw`\w`, '@[`{/:é', false],
    [String.raw`^\W+$`, '@[`{/:é', true],
    [String.raw`^\s+$`, ' \t\n\v\f\r\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff', true],
    [String.raw`\s`, '\u180e\u200b\u0085\b\u000e', false],
    [String.raw`^\S+$`, 'a\u200b', true],
    // Alternatives and groups
    ['a|b', 'b', true],
    ['^(a|b|)$', '', true],
    ['^(a|b|)$', 'c', false],
    ['^(ab|cd)+$', 'abcdab', true],
    ['^(?:ab|cd)+$', 'abc', false],
    ['|', 'x', true],
    ['^a|b$', 'ax', true],
    ['^a|b$', 'xb', true],
    ['^a|b$', 'xax', false],
    ['()', '', true],
    ['((a)(b))', 'ab', true],
    // Repetition
    ['^a*$', '', true],
    ['^a*$', 'aaa', true],
    ['^a+$', '', false],
    ['^a+$', 'aaa', true],
    ['^a?$', 'a', true],
    ['^a?$', 'aa', false],
    ['^a{2}$', 'aa', true],
    ['^a{2}$', 'a', false],
    ['^a{2}$', 'aaa', false],
    ['^a{0}$', '', true],
    ['^a{0}$', 'a', false],
    ['^a{2,}$', 'a', false],
    ['^a{2,}$', 'aaaa', true],
    ['^a{0,}$', '', true],
    ['^a{1,3}$', '', false],
    ['^a{1,3}$', 'aaa', true],
    ['^a{1,3}$', 'aaaa', false],
    ['^a{0,2}$', 'aaa', false],
    ['^a{007}$', 'aaaaaaa', true],
    ['^(ab){2}$', 'abab', true],
    ['^(a*)*$', 'aaa', true],
    ['^(a*)+$', '', true],
    ['^(a|b*){2,3}$', 'abba', true],
    ['^(a{2}){3}$', 'aaaaaa', true],
    ['^(a{2}){3}$', 'aaaaa', false],
    ['(){999999999999}', '', true],
    ['^.*?b$', 'aab', true],
    ['^a+?$', 'aa', true],
    ['^a??$', 'a', true],
    ['^a{1,2}?$', 'aa', true],
    ['^a{2,}?b$', 'ab', false],
    // Escapes
    [String.raw`^\^\$\\\.\*\+\?\(\)\[\]\{\}\|\/$`, String.raw`^$\.*+?()[]{}|/`, true],
    [String.raw`^\n\r\t\f\v$`, '\n\r\t\f\v', true],
    [String.raw`^[\n\r\t\f\v]{5}$`, '\n\r\t\f\v', true],
    [String.raw`^\x41\x7a$`, 'Az', true],
    [String.raw`^\u0041\u00e9$`, 'Aé', true],
    [String.raw`^\u{41}\u{1F600}\u{000061}$`, 'A😀a', true],
    [String.raw`^\u{10ffff}$`, '\u{10ffff}', true],
    [String.raw`\x00`, '\0', true],
  ])('%j on %j: %s', (source, input, expected) => {
    expect(matches(source, input)).toBe(expected);
    expect(new RegExp(source, 'u').test(input)).toBe(expected);
  });

  it.each([
    [String.raw`^\@\-\_\#\"\ \%$`, '@-_#" %'],
    [String.raw`^\d{3}\-\d$`, '123-4'],
  ])('takes a backslash before any ASCII punctuation: %s', (source, input) => {
    expect(matches(source, input)).toBe(true);
  });

  it.each([
    ['straSSe', 'STRAsse', true],
    ['^[a-z]+$', 'AbZ', true],
    ['^[A-Z]+$', 'aBz', true],
    ['^[^a-z]$', 'B', false],
    ['^[^A]$', 'a', false],
    ['^[X-c]+$', 'xyzABC[_', true],
    ['^[X-c]+$', 'd', false],
    ['[@-[]', 'q', true],
    ['[`{]', '@[', false],
    [String.raw`^\x41\u0062$`, 'aB', true],
    [String.raw`\W`, 'aZ', false],
    [String.raw`\D`, '1', false],
    ['é', 'É', false],
    ['k', '\u212a', false],
    ['[^k]', '\u212a', true],
    [String.raw`\w`, 'ſ', false],
  ])('folds ASCII letters and no others: %s on %s', (source, input, expected) => {
    expect(matches(source, input, true)).toBe(expected);
  });

  it('tells the case of letters apart when not asked to fold', () => {
    expect(matches('[a-z]x', 'AX')).toBe(false);
  });

  it('gives the same answers in any order of calls', () => {
    const matcher = compilePattern('^(a|ab)(c|bcd)*$', false);
    const inputs = ['abcd', 'a', '', 'abc', 'abcbcd', 'x', 'ac', 'abcd'];
    const answers = inputs.map((input) => matcher?.(input));
    expect(answers).toEqual([true, true, false, true, true, false, true, true]);
    expect([...inputs].reverse().map((input) => matcher?.(input))).toEqual([...answers].reverse());
  });
});

describe('what is refused', () => {
  it.each([
    // Look-around, back references, named groups, flags, properties
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '(?<!a)',
    String.raw`(a)\1`,
    String.raw`\k<a>`,
    '(?<a>b)',
    '(?P<a>b)',
    '(?i)a',
    '(?i:a)',
    '(?>a)',
    '(?#a)',
    '(?',
    '(?:',
    String.raw`\p{L}`,
    String.raw`\P{L}`,
    String.raw`[\p{L}]`,
    // Quantifiers of nothing, twice, possessive, incomplete
    '*',
    '+a',
    '?',
    'a**',
    'a++',
    'a?+',
    'a???',
    'a*{2}',
    '(*a)',
    '|*',
    '^*',
    '$+',
    String.raw`\b?`,
    '{2}',
    'a{2}{3}',
    'a{',
    'a{2',
    'a{,2}',
    'a{2,1}',
    'a{x}',
    'a{ 2}',
    'a{-1}',
    'a{2,3',
    'a}',
    '{',
    '}',
    // Brackets
    '(',
    ')',
    '(a',
    'a)',
    '((a)',
    '[',
    ']',
    '[a',
    'a]',
    '[]',
    '[^]',
    '[]a]',
    '[[:alpha:]]',
    '[b-a]',
    String.raw`[\d-z]`,
    String.raw`[a-\d]`,
    String.raw`[\w-\d]`,
    '[a-',
    '[a\\',
    // Escapes
    '\\',
    'a\\',
    String.raw`\a`,
    String.raw`\e`,
    String.raw`\z`,
    String.raw`\A`,
    String.raw`\Z`,
    String.raw`\Q`,
    String.raw`\G`,
    String.raw`\0`,
    String.raw`\07`,
    String.raw`\1`,
    String.raw`\9`,
    String.raw`\cA`,
    String.raw`\x`,
    String.raw`\x4`,
    String.raw`\xg0`,
    String.raw`\x{41}`,
    String.raw`\X41`,
    String.raw`\u`,
    String.raw`\u004`,
    String.raw`\u{}`,
    String.raw`\u{110000}`,
    String.raw`\u{fffffffffffffffff}`,
    String.raw`\u{41`,
    String.raw`\U00000041`,
    String.raw`\h`,
    String.raw`\R`,
    String.raw`\N`,
    String.raw`\C`,
    String.raw`\T`,
    String.raw`\é`,
    '\\\n',
    '\\😀',
    String.raw`[\b]`,
    String.raw`[\B]`,
    // Half of a surrogate pair
    String.raw`\ud83d`,
    String.raw`\ud83d\ude00`,
    String.raw`\u{d83d}`,
    '\ud83d',
    '[\ude00]',
  ])('%j', (source) => {
    expect(compilePattern(source, false)).toBeUndefined();
    expect(compilePattern(source, true)).toBeUndefined();
  });

  it('a pattern above the limit of its length', () => {
    const longest = 'a'.repeat(MAX_PATTERN_LENGTH);
    expect(matches(longest, `x${longest}`)).toBe(true);
    expect(compilePattern(`${longest}a`, false)).toBeUndefined();
  });

  it('a pattern above the limit of its states', () => {
    expect(matches(`^a{${MAX_PATTERN_STATES - 2}}$`, 'a'.repeat(MAX_PATTERN_STATES - 2))).toBe(true);
    expect(compilePattern(`^a{${MAX_PATTERN_STATES - 1}}$`, false)).toBeUndefined();
    expect(matches(`a{${MAX_PATTERN_STATES}}`, 'a'.repeat(MAX_PATTERN_STATES - 1))).toBe(false);
    for (const source of [
      'a{1001}',
      'a{1001,}',
      'a{0,501}',
      '(ab){501}',
      '(a{100}){11}',
      '((a+b?){20}){20}',
      'a{9999999999999}',
    ]) {
      expect([source, compilePattern(source, false)]).toEqual([source, undefined]);
    }
  });

  it('whatever else comes in, without throwing and without taking long', () => {
    const nested = '((((((((((a{9}){99}){999}){9999}){99999}){0,999999}){9,}){9,99}){1000})*){1000}';
    const hollow = '((((((((((){9}){99}){999}){9999}){99999}){0,999999}){9,}){9,99}){1000})*){1000}';
    expect(compilePattern(nested, false)).toBeUndefined();
    expect(compilePattern(`${'()'.repeat(40)}${hollow}`, false)).toBeUndefined();
    expect(matches('((((((){9}){99}){999}){9999}){0,99999}){99}', '')).toBe(true);
    expect(matches(`${'('.repeat(127)}a${')'.repeat(127)}`, 'a')).toBe(true);
    expect(compilePattern('('.repeat(MAX_PATTERN_LENGTH), false)).toBeUndefined();
    expect(compilePattern('|'.repeat(MAX_PATTERN_LENGTH), false)).toBeDefined();
  });

  it('or not: any text is either refused or a matcher, and never throws', () => {
    const noise = fc.string({
      unit: fc.constantFrom(...'ab-^$.*+?()[]{}|\\,019:=!<dDwWsSbBnxu\ud83d\ude00'),
      maxLength: 24,
    });
    fc.assert(
      fc.property(
        fc.oneof(noise, fc.string({ unit: 'binary' })),
        fc.string({ unit: 'binary' }),
        fc.boolean(),
        (source, input, fold) => {
          expect([undefined, true, false]).toContain(matches(source, input, fold));
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it('everything that RegExp refuses, but for escaped punctuation', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'ab-^$.*+?()[]{}|\\,12dDx'), maxLength: 8 });
    fc.assert(
      fc.property(noise, (source) => {
        fc.pre(!/\\[^dDx\\^$.*+?()[\]{}|]/.test(source));
        if (compilePattern(source, false)) expect(new RegExp(source, 'u')).toBeInstanceOf(RegExp);
      }),
      { numRuns: 20_000 },
    );
  });
});

describe('agreement with RegExp', () => {
  // No code point that RegExp folds onto an ASCII letter, and no other cased one.
  const ascii = fc.constantFrom(...'abkzABKZ019_- .@^$|*+?()[]{}\\/\n\r');
  const wide = fc.constantFrom('中', '丯', '😀', '😂', '\ue000', '\u{10ffff}');
  const spell = (character: string, asHex: boolean): string => {
    if (asHex) return `\\u{${character.codePointAt(0)?.toString(16)}}`;
    return /[\^$\\.*+?()[\]{}|/-]/.test(character) ? `\\${character}` : character;
  };
  const literal = fc
    .tuple(
      fc.oneof({ weight: 4, arbitrary: ascii }, wide),
      fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    )
    .filter(([character, asHex]) => asHex || character !== '-')
    .map(([character, asHex]) => spell(character, asHex));
  const shorthand = fc.constantFrom('\\d', '\\D', '\\w', '\\W', '\\s', '\\S');
  const range = fc.oneof(fc.tuple(ascii, ascii), fc.tuple(wide, wide)).map((ends) => {
    const [from = '', to = ''] = [...ends].sort((a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0));
    return `${spell(from, false)}-${spell(to, false)}`;
  });
  const characterClass = fc
    .tuple(
      fc.constantFrom('', '^'),
      fc.array(fc.oneof(literal, shorthand, range), { minLength: 1, maxLength: 4 }),
      fc.constantFrom('', '-'),
    )
    .map(([not, items, dash]) => `[${not}${items.join('')}${dash}]`);
  const quantifier = fc.constantFrom(
    '*',
    '+',
    '?',
    '*?',
    '+?',
    '??',
    '{0}',
    '{1}',
    '{2}',
    '{0,}',
    '{1,}',
    '{2,}',
    '{0,1}',
    '{0,2}',
    '{1,3}',
    '{2,3}?',
  );
  const { alternatives: source } = fc.letrec<{ atom: string; piece: string; sequence: string; alternatives: string }>(
    (tie) => ({
      atom: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        { weight: 6, arbitrary: literal },
        { weight: 1, arbitrary: fc.constant('.') },
        { weight: 1, arbitrary: shorthand },
        { weight: 2, arbitrary: characterClass },
        { weight: 4, arbitrary: tie('alternatives').map((inner) => `(${inner})`) },
        { weight: 2, arbitrary: tie('alternatives').map((inner) => `(?:${inner})`) },
      ),
      piece: fc.oneof(
        { weight: 4, arbitrary: tie('atom') },
        { weight: 3, arbitrary: fc.tuple(tie('atom'), quantifier).map(([atom, count]) => atom + count) },
        { weight: 1, arbitrary: fc.constantFrom('^', '$', '\\b', '\\B') },
      ),
      sequence: fc.array(tie('piece'), { maxLength: 4 }).map((pieces) => pieces.join('')),
      alternatives: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((sequences) => sequences.join('|')),
    }),
  );
  const input = fc.string({
    unit: fc.oneof({ weight: 6, arbitrary: ascii }, wide, fc.constantFrom('\ud83d', '\ude00', '\u2028')),
    maxLength: 8,
  });

  it.each([false, true])('on random patterns and inputs, ignoring case: %s', (ignoreCase) => {
    let matched = 0;
    fc.assert(
      fc.property(source, fc.array(input, { minLength: 4, maxLength: 4 }), (text, inputs) => {
        fc.pre(text.length <= MAX_PATTERN_LENGTH);
        const matcher = compilePattern(text, ignoreCase);
        // Only nested counts can take a pattern of the grammar above over the limit.
        if (!matcher) return expect(text).toMatch(/\{/);
        const oracle = new RegExp(text, ignoreCase ? 'iu' : 'u');
        for (const candidate of inputs) {
          expect(matcher(candidate)).toBe(oracle.test(candidate));
          matched += Number(matcher(candidate));
        }
      }),
      { numRuns: 5000 },
    );
    expect(matched).toBeGreaterThan(1000);
  });
});

describe('what a search costs', () => {
  it.each([
    ['^(a+)+$', 'a', '!'],
    ['(a*)*b', 'a', ''],
    ['(a|a)*c', 'a', ''],
    ['(a|aa)+$', 'a', 'b'],
    ['(.*)*(.*)*x', 'ab', ''],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a', ''],
    [String.raw`(\w+\s?)*$`, 'a ', '!'],
    ['(x+x+)+y', 'x', ''],
    ['a{0,300}a{300}b', 'a', ''],
  ])('grows with the input and no faster: %s', (source, repeated, end) => {
    const inputOf = (length: number): string => repeated.repeat((length - end.length) / repeated.length) + end;
    const whole = countVisits(source, inputOf(MAX_PATTERN_INPUT));
    const half = countVisits(source, inputOf(MAX_PATTERN_INPUT / 2));
    // Twice per state and place, and there is a place after the last character.
    expect(whole.visits).toBeLessThanOrEqual(2 * whole.states * (MAX_PATTERN_INPUT + 1));
    if (whole.states < 100) expect(whole.visits).toBeLessThanOrEqual(2.1 * half.visits);
  });

  it('is some ten visits a character for a pattern that costs a backtracking engine for ever', () => {
    const { visits, found } = countVisits('^(a+)+$', `${'a'.repeat(MAX_PATTERN_INPUT - 1)}!`);
    expect(found).toBe(false);
    expect(visits).toBeLessThan(12 * MAX_PATTERN_INPUT);
  });

  it('ends at the first character that no match can start with when the pattern is anchored', () => {
    expect(countVisits('^abc', 'x'.repeat(MAX_PATTERN_INPUT)).visits).toBeLessThan(10);
  });

  it('ends as soon as there is a match', () => {
    expect(countVisits('ab', `ab${'x'.repeat(MAX_PATTERN_INPUT - 2)}`)).toMatchObject({ found: true });
    expect(countVisits('ab', `ab${'x'.repeat(MAX_PATTERN_INPUT - 2)}`).visits).toBeLessThan(10);
  });
});
