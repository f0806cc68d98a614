import { describe, expect, it } from 'vitest';
import { matcherOf } from './matcher.ts';

function matches(source: string, input: string, ignoreCase = false): boolean | undefined {
  return matcherOf(source, ignoreCase)?.(input);
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
    [String.raw`é\B😀`, 'é😀', true],
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
    // Shorthands
    [String.raw`^\d+$`, '0189', true],
    [String.raw`\d`, '/:٣', false],
    [String.raw`^\D+$`, 'a٣', true],
    [String.raw`^\w+$`, 'azAZ09_', true],
    [String.raw`\w`, '@[`{/:é', false],
    [String.raw`^\W+$`, '@[`{/:é', true],
    [String.raw`^\s+$`, ' \t\n\f\r', true],
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
  ])('%j on %j: %s', (source, input, expected) => {
    expect(matches(source, input)).toBe(expected);
    expect(new RegExp(source, 'u').test(input)).toBe(expected);
  });

  it.each([
    ['.', '\r', true],
    ['.', '\u2028', true],
    [String.raw`\s`, '\v', false],
    [String.raw`\s`, '\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000\ufeff', false],
    [String.raw`^\S$`, '\u00a0', true],
    [String.raw`^[^\s]$`, '\v', true],
  ])('takes white space and the ends of lines as RE2 does: %s on %j', (source, input, expected) => {
    expect(matches(source, input)).toBe(expected);
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
    [String.raw`\W`, 'aZ', false],
    [String.raw`\D`, '1', false],
    ['é', 'É', false],
    ['k', '\u212a', false],
    ['[^k]', '\u212a', true],
    [String.raw`\w`, 'ſ', false],
  ])('folds ASCII letters and no others: %s on %s', (source, input, expected) => {
    expect(matches(source, input, true)).toBe(expected);
  });

  it('looks at code points only, not between the halves of one', () => {
    expect(matches(String.raw`\B`, 'a😀a')).toBe(false);
    expect(matches('[\udbff-\ue000]', '😀')).toBeUndefined();
    expect(matches('^[^a]{2}$', '😀')).toBe(false);
  });

  it('tells the case of letters apart when not asked to fold', () => {
    expect(matches('[a-z]x', 'AX')).toBe(false);
  });

  it('gives the same answers in any order of calls', () => {
    const matcher = matcherOf('^(a|ab)(c|bcd)*$', false);
    const inputs = ['abcd', 'a', '', 'abc', 'abcbcd', 'x', 'ac', 'abcd'];
    const answers = inputs.map((input) => matcher?.(input));
    expect(answers).toEqual([true, true, false, true, true, false, true, true]);
    expect([...inputs].reverse().map((input) => matcher?.(input))).toEqual([...answers].reverse());
  });
});
