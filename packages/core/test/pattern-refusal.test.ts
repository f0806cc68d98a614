import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PATTERN_LENGTH, MAX_PATTERN_STATES } from '../src/pattern.ts';
import { matcherOf } from './matcher.ts';

function matches(source: string, input: string, ignoreCase = false): boolean | undefined {
  return matcherOf(source, ignoreCase)?.(input);
}

function isRegExp(source: string): boolean {
  try {
    return new RegExp(source, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

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
    String.raw`\x41`,
    String.raw`[\x41]`,
    String.raw`\x4`,
    String.raw`\xg0`,
    String.raw`\x{41}`,
    String.raw`\X41`,
    String.raw`\u`,
    String.raw`\u004`,
    String.raw`\u0041`,
    String.raw`[\u0041]`,
    String.raw`\u{41}`,
    String.raw`[\u{41}]`,
    String.raw`[\b-z]`,
    String.raw`[\0]`,
    String.raw`[\cA]`,
    String.raw`[\x4]`,
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
    expect(matcherOf(source, false)).toBeUndefined();
    expect(matcherOf(source, true)).toBeUndefined();
  });

  it('a pattern above the limit of its length', () => {
    const longest = 'a'.repeat(MAX_PATTERN_LENGTH);
    expect(matches(longest, `x${longest}`)).toBe(true);
    expect(matcherOf(`${longest}a`, false)).toBeUndefined();
  });

  it('a pattern above the limit of its states', () => {
    expect(matches(`^a{${MAX_PATTERN_STATES - 2}}$`, 'a'.repeat(MAX_PATTERN_STATES - 2))).toBe(true);
    expect(matcherOf(`^a{${MAX_PATTERN_STATES - 1}}$`, false)).toBeUndefined();
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
      expect([source, matcherOf(source, false)]).toEqual([source, undefined]);
    }
  });

  it('repetitions of repetitions, as soon as they are too many', () => {
    const nested = '((((((((((a{9}){99}){999}){9999}){99999}){0,999999}){9,}){9,99}){1000})*){1000}';
    const hollow = '((((((((((){9}){99}){999}){9999}){99999}){0,999999}){9,}){9,99}){1000})*){1000}';
    expect(matcherOf(nested, false)).toBeUndefined();
    expect(matcherOf(`${'()'.repeat(40)}${hollow}`, false)).toBeUndefined();
    expect(matches('((((((){9}){99}){999}){9999}){0,99999}){99}', '')).toBe(true);
    expect(matches(`${'('.repeat(127)}a${')'.repeat(127)}`, 'a')).toBe(true);
    expect(matcherOf('('.repeat(MAX_PATTERN_LENGTH), false)).toBeUndefined();
    expect(matcherOf('|'.repeat(MAX_PATTERN_LENGTH), false)).toBeDefined();
  });

  it('any text or none, but nothing throws', () => {
    const noise = fc.string({
      unit: fc.constantFrom(...'ab-^$.*+?()[]{}|\\,019:=!<dDwWsSbBnxu\ud83d\ude00'.split('')),
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
      { numRuns: 3000 },
    );
  });

  it('everything that RegExp refuses, but for escaped punctuation', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'ab-^$.*+?()[]{}|\\,12dDx'.split('')), maxLength: 8 });
    fc.assert(
      fc.property(noise, (source) => {
        fc.pre(!/\\[^dDx\\^$.*+?()[\]{}|]/.test(source));
        expect(matcherOf(source, false) === undefined || isRegExp(source)).toBe(true);
      }),
      { numRuns: 20_000 },
    );
  });
});
