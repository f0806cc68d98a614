import { compileRuleset, evaluate } from '@flags/core';
import {
  acceptsFullSync,
  applyDelta,
  comparePositions,
  formatPosition,
  holdRuleset,
  judgeDelta,
  parsePosition,
  stateHash,
} from '@flags/sync';
import type { FlagUpdate, HeldState, Position } from '@flags/sync';
import { rulesetOf, switchFlag } from '@flags/sync/testing';
import { expectSame } from './case.ts';
import type { Case } from './case.ts';

const at = (version: number, hash = '00000000', epoch = 'e1'): Position => ({ epoch, version, hash });

const VERDICTS: readonly (readonly [held: Position | undefined, from: Position, to: Position, verdict: string])[] = [
  [at(5), at(5), at(6), 'apply'],
  [at(5), at(3, '99999999'), at(6), 'apply'],
  [at(4), at(5), at(6), 'apply'],
  [at(6), at(5), at(6), 'ignore'],
  [at(7), at(5), at(6), 'ignore'],
  [at(5, '00000000', 'e2'), at(5), at(6), 'ignore'],
  [at(4), at(5, '11111111'), at(6), 'gap'],
  [at(5), at(5, '11111111'), at(6), 'gap'],
  [at(5), at(5, '00000000', 'e2'), at(6, '00000000', 'e2'), 'gap'],
  [undefined, at(5), at(6), 'gap'],
];
const NO_POSITIONS: readonly unknown[] = [
  '',
  'e.1',
  'e.1.0000000',
  'E.1.00000000',
  'e.01.00000000',
  'e.-1.00000000',
  'e.1.0000000G',
  'a.b.1.00000000',
  'e.9007199254740993.00000000',
  'e.1e3.00000000',
  ' e.1.00000000',
  'e.1.00000000\n',
  'é.1.00000000',
  7,
  null,
];
const KEYS = ['a', 'b', '__proto__', 'constructor', 'größe 😀'];

const hold = (version: number, keys: readonly string[]): HeldState =>
  holdRuleset(
    compileRuleset(
      rulesetOf(
        version,
        keys.map((key) => switchFlag(key)),
      ),
    ),
  );

/** A thousand deltas that change, add and take away. */
function manyDeltas(): readonly unknown[] {
  let state = hold(0, []);
  const positions: string[] = [];
  let random = 7;
  const next = (below: number): number => {
    // Numerical Recipes' generator: the same in every run.
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((random / 2 ** 32) * below);
  };
  for (let version = 1; version <= 1_000; version += 1) {
    const key = KEYS[next(KEYS.length)] ?? '';
    const entry =
      next(3) === 0 ? null : switchFlag(key, { version, fallthrough: { variation: next(2) ? 'on' : 'off' } });
    const { position } = state;
    const flags = Object.fromEntries([[key, entry]]) as FlagUpdate['flags'];
    state = applyDelta(state, { type: 'FLAG_UPDATE', from: position, position: { ...position, version }, flags });
    positions.push(formatPosition(state.position));
  }
  expectSame(stateHash(state.ruleset), state.hash);
  return [positions, KEYS.map((key) => evaluate(state.ruleset, key, {}, null, 0))];
}

/** Positions, and deltas onto what is held. */
export function applyCases(): readonly Case[] {
  return [
    ...VERDICTS.map(([held, from, position, verdict]) => ({
      name: `a delta from ${formatPosition(from)} to ${formatPosition(position)} onto ${held && formatPosition(held)}`,
      run: () => expectSame(judgeDelta(held, { from, position }), verdict),
    })),
    ...NO_POSITIONS.map((text) => ({
      name: `no position: ${JSON.stringify(text)}`,
      run: () => expectSame(parsePosition(text), undefined),
    })),
    {
      name: 'a position is read as it was written, and compares by epoch and version',
      run: () => {
        const positions = [at(1), at(2, 'ffffffff'), at(9_007_199_254_740_991, '0a0b0c0d', 'z9_-')];
        for (const position of positions) expectSame(parsePosition(formatPosition(position)), position);
        expectSame(comparePositions(at(9, '00000000', 'a'), at(1, '00000000', 'b')) < 0, true);
        expectSame(comparePositions(at(9, '11111111'), at(9)), 0);
        expectSame(
          [acceptsFullSync(at(2), { position: at(1) }), acceptsFullSync(at(2), { position: at(2) })],
          [false, true],
        );
      },
    },
    {
      name: 'a delta overwrites, adds and takes away, and leaves what was held as it was',
      run: () => {
        const before = hold(1, ['a', 'b']);
        const flags = { a: switchFlag('a', { version: 2, enabled: false }), b: null, c: switchFlag('c') };
        const after = applyDelta(before, { type: 'FLAG_UPDATE', from: before.position, position: at(2), flags });
        const read = ({ ruleset }: HeldState): unknown =>
          ['a', 'b', 'c'].map((key) => evaluate(ruleset, key, {}, null, 0).variant ?? null);
        expectSame(
          [read(before), read(after)],
          [
            ['on', 'on', null],
            ['off', null, 'on'],
          ],
        );
        return formatPosition(after.position);
      },
    },
    { name: 'a thousand deltas, one after the other', run: manyDeltas },
  ];
}
