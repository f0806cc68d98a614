import { fail } from './broken.ts';

/** The longest pattern, in UTF-16 units. */
export const MAX_PATTERN_LENGTH = 256;

/**
 * The most states a pattern may have once its counted repetitions are written out: one for each character, assertion,
 * `|`, loop and optional part.
 */
export const MAX_PATTERN_STATES = 1000;

/** The longest input a matcher is meant for, in UTF-16 units; the caller treats a longer one as missing. */
export const MAX_PATTERN_INPUT = 1024;

/** A question about a code point. */
type CharacterTest = (code: number) => boolean;

/** A question about a place in the input: the code point there and the one before it; -1 before and after the input. */
type Test = (code: number, previous: number) => boolean;

/** A state of the automaton: what it waits for and where it leads. */
interface State {
  /** Whether passing it takes the character. A state that takes none leads on at the same place. */
  readonly takes: boolean;
  /** Absent in a fork, which is always passed, and in a literal. */
  readonly test: Test | undefined;
  /** Absent in the accepting state alone. */
  readonly next: State | undefined;
  /** The second way on of a fork. */
  other: State | undefined;
  /** What a literal takes: a code point and the same in the other case. Sparing the call makes most patterns twice as fast. */
  readonly one: number;
  readonly two: number;
  /** Where this state stands in the list of active states, if it is there. */
  slot: number;
}

/** A parsed pattern: a nondeterministic automaton. */
export interface Pattern {
  readonly start: State;
  /** All states at first; then the list of active states of a search, whose content means nothing between searches. */
  readonly states: State[];
}

/** Builds the states of a piece of the pattern in front of `next` and gives the first of them. */
type Piece = (next: State) => State;

const isDigit: CharacterTest = (code) => code > 47 && code < 58;
// `| 32` makes a-z of A-Z, and of nothing else.
const isLetter: CharacterTest = (code) => (code | 32) > 96 && (code | 32) < 123;
const isWord: CharacterTest = (code) => isLetter(code) || isDigit(code) || code === 95;
const isSpace: CharacterTest = (code) => code === 32 || (code > 8 && code < 14 && code !== 11);
const isAny: CharacterTest = (code) => code !== 10;
const SHORTHANDS: Readonly<Record<string, CharacterTest>> = { d: isDigit, s: isSpace, w: isWord };

const atStart: Test = (_, previous) => previous < 0;
const ASSERTIONS: Readonly<Record<string, Test>> = {
  '^': atStart,
  $: (code) => code < 0,
  '\\b': (code, previous) => isWord(code) !== isWord(previous),
  '\\B': (code, previous) => isWord(code) === isWord(previous),
};

/**
 * Makes a matcher that tells whether its input has a match anywhere, in time linear in the input whatever the pattern:
 * it follows all paths of an automaton at once (K. Thompson, "Regular Expression Search Algorithm", 1968). Sets the flag
 * aside when the pattern is refused. A matcher does not throw and allocates nothing.
 *
 * Patterns are what RE2's syntax and `RegExp` with the flag `u` share: literals, `.`, classes, groups without a name,
 * `|`, `* + ? {m} {m,} {m,n}` and their lazy forms, `^ $` for the ends of the input, `\d \w \s \b` and their negations,
 * `\n \r \t \f \v`, and `\` before ASCII punctuation or a space. All else is refused, a lone surrogate too. A
 * pattern means what RE2 says, by code points: `.` is all but a line feed, `\s` a space or one of `\t \n \f \r`, and
 * `ignoreCase` folds ASCII letters only. A lone surrogate in the input is a character like any other.
 *
 * Own code, since no library fits: re2js alone is ten times the whole evaluator, and the small ones are front ends to
 * engines that backtrack.
 */
export function compilePattern(source: string, ignoreCase: boolean): (input: string) => boolean {
  const pattern = parsePattern(source, ignoreCase);
  return (input) => searchPattern(pattern, input);
}

/** Parses a pattern into an automaton. */
export function parsePattern(source: string, ignoreCase: boolean): Pattern {
  const states: State[] = [];
  let at = 0;

  const take = (token: RegExp): string => {
    token.lastIndex = at;
    const text = token.exec(source)?.[0] ?? '';
    at += text.length;
    return text;
  };

  const add = (takes: boolean, test?: Test, next?: State, other?: State, one = 0, two = 0): State => {
    const state: State = { takes, test, next, other, one, two, slot: 0 };
    // The accepting state is not counted.
    return states.push(state) > MAX_PATTERN_STATES + 1 ? fail('PATTERN') : state;
  };

  /** Parses one character, by `plain` if not escaped. Gives its code point, or NaN for a shorthand: that goes to `tests`. */
  const parseItem = (plain: RegExp, tests: CharacterTest[]): number => {
    const escape = take(/\\/y);
    const token = take(escape ? /[dswDSWtnvfr -/:-@[-`{-~]/y : plain) || fail('PATTERN');
    const shorthand = escape && SHORTHANDS[token.toLowerCase()];
    if (shorthand) {
      tests.push(token > 'Z' ? shorthand : (code) => !shorthand(code));
      return NaN;
    }
    // Their order is that of the code points, from 9.
    const control = escape ? ' tnvfr'.indexOf(token) : 0;
    return control > 0 ? 8 + control : token.codePointAt(0)!;
  };

  const parseClass = (negated: boolean): CharacterTest => {
    const tests: CharacterTest[] = [];
    do {
      const from = parseItem(/[^\]]/uy, tests);
      let to = from;
      if (take(/-(?!\])/y)) {
        to = parseItem(/[^\]]/uy, tests);
        // No range begins or ends with a shorthand.
        if (!(from <= to)) fail('PATTERN');
      }
      tests.push((code) => code >= from && code <= to);
    } while (!take(/\]/y));
    // The copies that a counted repetition makes share this memory, so a long class is gone through once for a place
    // of the input, not once for a state.
    let asked = -1;
    let answer = false;
    return (code) => {
      if (code !== asked) {
        asked = code;
        answer = tests.some((test) => test(code) || (ignoreCase && isLetter(code) && test(code ^ 32))) !== negated;
      }
      return answer;
    };
  };

  const parseAtom = (): Piece => {
    const opening = take(/\((\?:)?|\[\^?|\./y);
    if (opening.startsWith('(')) {
      const group = parseAlternatives();
      return take(/\)/y) ? group : fail('PATTERN');
    }
    const tests: CharacterTest[] = [];
    if (opening) tests.push(opening === '.' ? isAny : parseClass(opening === '[^'));
    const one = opening ? 0 : parseItem(/[^^$*+?()[\]{}|]/uy, tests);
    const two = ignoreCase && isLetter(one) ? one ^ 32 : one;
    const [test] = tests;
    return (next) => add(true, test, next, undefined, one, two);
  };

  const parseRepeated = (): Piece => {
    const assertion = ASSERTIONS[take(/[\^$]|\\[bB]/y)];
    if (assertion) return (next) => add(false, assertion, next);
    const atom = parseAtom();
    const quantifier = take(/[*+?]|\{\d+(,\d*)?\}/y);
    if (!quantifier) return atom;
    // A lazy quantifier is the same as a greedy one: which match is found first does not matter.
    take(/\?/y);
    const [low, high = low] = quantifier.slice(1, -1).split(',');
    const min = quantifier === '+' ? 1 : Number(low);
    const max = quantifier === '?' ? 1 : high ? Number(high) : Infinity;
    if (min > max) fail('PATTERN');
    return (next) => {
      let first = next;
      let copies = max;
      if (max === Infinity) {
        const loop = add(false, undefined, next);
        loop.other = atom(loop);
        first = min ? loop.other : loop;
        copies = min - 1;
      }
      // From the last copy to the first. One that adds nothing ends it, or `(){9}` in itself would take for ever.
      for (; copies > 0; copies--) {
        const copy = atom(first);
        if (copy === first) break;
        first = copies > min ? add(false, undefined, copy, next) : copy;
      }
      return first;
    };
  };

  const parseAlternatives = (): Piece => {
    const pieces: Piece[] = [];
    while (/[^|)]/.test(source.charAt(at))) pieces.push(parseRepeated());
    const left: Piece = (next) => pieces.reduceRight((following, piece) => piece(following), next);
    if (!take(/\|/y)) return left;
    const right = parseAlternatives();
    return (next) => add(false, undefined, left(next), right(next));
  };

  // Half a surrogate pair is no character.
  if (source.length > MAX_PATTERN_LENGTH || /[\ud800-\udfff]/u.test(source)) fail('PATTERN');
  const start = parseAlternatives()(add(false));
  // Short of the end is a `)` without its `(`.
  return at < source.length ? fail('PATTERN') : { start, states };
}

/** Puts a state at the end of the list unless it is there already, and gives the new length. */
function enter(list: State[], length: number, state: State | undefined): number {
  // A state is in the list exactly when the list says so at its slot, so nothing has to be cleared between places.
  if (!state || (state.slot < length && list[state.slot] === state)) return length;
  list[length] = state;
  state.slot = length;
  return length + 1;
}

/** Whether `input` has a match of the pattern anywhere. Goes through each state twice at most for a place in the input. */
export function searchPattern({ start, states: active }: Pattern, input: string): boolean {
  let length = 0;
  let previous = -1;
  const size = input.length;
  // A match may start anywhere, but one that has to start with the input.
  const floating = start.test !== atStart;
  for (let at = 0; ; at += previous > 0xffff ? 2 : 1) {
    const code = at < size ? input.codePointAt(at)! : -1;
    if (previous < 0 || floating) length = enter(active, length, start);
    // A state that takes nothing leads on at once; where it leads to is seen later in the same pass.
    for (let i = 0; i < length; i++) {
      const state = active[i]!;
      if (!state.takes) {
        const { test, next, other } = state;
        if (!next) return true;
        if (!test || test(code, previous)) length = enter(active, enter(active, length, next), other);
      }
    }
    if (code < 0 || !length) return false;
    // Those that follow overwrite the list from its front: there is at most one for each state already read.
    let following = 0;
    for (let i = 0; i < length; i++) {
      const state = active[i]!;
      if (state.takes && (state.test ? state.test(code, previous) : code === state.one || code === state.two))
        following = enter(active, following, state.next);
    }
    length = following;
    previous = code;
  }
}
