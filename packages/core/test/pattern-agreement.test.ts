import { createContext, runInContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PATTERN_LENGTH } from '../src/pattern.ts';
import { matcherOf } from './matcher.ts';

/**
 * Whether there is a match at any code point. Left to itself, V8 also looks between the two halves of a surrogate pair,
 * which ECMAScript's algorithm steps over: `/\B/u` should not, but does, match 'a😀a'.
 */
function isFound(source: string, flags: string, input: string): boolean {
  const oracle = new RegExp(source, `${flags}y`);
  for (let at = 0; at <= input.length; at += (input.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) {
    oracle.lastIndex = at;
    if (oracle.test(input)) return true;
  }
  return false;
}

const room = createContext({});

/** What `work` gives, `undefined` when it takes longer than half a second: RegExp goes back and forth for minutes in some patterns. */
function inTime<T>(work: () => T): T | undefined {
  try {
    return runInContext('work()', Object.assign(room, { work }), { timeout: 500 }) as T;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw error;
  }
}

describe('agreement with RegExp', () => {
  // No code point that RegExp folds onto an ASCII letter, no other cased one, and none that `.` or `\s` takes differently.
  const ascii = fc.constantFrom(...'abkzABKZ019_- .@^$|*+?()[]{}\\/\n\t'.split(''));
  const wide = fc.constantFrom('中', '丯', '😀', '😂', '\ue000', '\u{10ffff}');
  const spell = (character: string): string => (/[\^$\\.*+?()[\]{}|/-]/.test(character) ? `\\${character}` : character);
  const literal = fc
    .oneof({ weight: 4, arbitrary: ascii }, wide)
    .filter((character) => character !== '-')
    .map(spell);
  const shorthand = fc.constantFrom('\\d', '\\D', '\\w', '\\W', '\\s', '\\S');
  const range = fc.oneof(fc.tuple(ascii, ascii), fc.tuple(wide, wide)).map((ends) => {
    const [from = '', to = ''] = [...ends].sort((a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0));
    return `${spell(from)}-${spell(to)}`;
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
    unit: fc.oneof({ weight: 6, arbitrary: ascii }, wide, fc.constantFrom('\ud83d', '\ude00')),
    maxLength: 8,
  });

  it.each([false, true])('on random patterns and inputs, ignoring case: %s', { timeout: 60_000 }, (ignoreCase) => {
    let matched = 0;
    fc.assert(
      fc.property(source, fc.array(input, { minLength: 4, maxLength: 4 }), (text, inputs) => {
        fc.pre(text.length <= MAX_PATTERN_LENGTH);
        const matcher = matcherOf(text, ignoreCase);
        const expected = inTime(() => inputs.map((candidate) => isFound(text, ignoreCase ? 'iu' : 'u', candidate)));
        if (expected === undefined) return;
        // Nothing in the grammar above is refused: not even its nested counts reach the limit.
        expect(inputs.map((candidate) => matcher?.(candidate))).toEqual(expected);
        matched += expected.filter(Boolean).length;
      }),
      { numRuns: 3000 },
    );
    expect(matched).toBeGreaterThan(500);
  });
});
