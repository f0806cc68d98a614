import { describe, expect, it } from 'vitest';
import { MAX_PATTERN_INPUT, parsePattern, searchPattern } from '../src/pattern.ts';

/** Reads of states during one search: the work it takes, whatever the machine. */
function countVisits(source: string, input: string): { visits: number; states: number; found: boolean } {
  const pattern = parsePattern(source, false);
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
    ['a{0,30}a{30}b', 'a', ''],
  ])('grows with the input and no faster: %s', (source, repeated, end) => {
    const inputOf = (length: number): string => repeated.repeat((length - end.length) / repeated.length) + end;
    const whole = countVisits(source, inputOf(MAX_PATTERN_INPUT));
    const half = countVisits(source, inputOf(MAX_PATTERN_INPUT / 2));
    // Twice per state and place, and there is a place after the last character.
    expect(whole.visits).toBeLessThanOrEqual(2 * whole.states * (MAX_PATTERN_INPUT + 1));
    expect(whole.visits).toBeLessThanOrEqual(2.1 * half.visits);
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
