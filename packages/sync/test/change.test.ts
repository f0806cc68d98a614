import { evaluate } from '@flags/core';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  acceptsFullSync,
  adoptPosition,
  applyDelta,
  formatStateHash,
  holdRuleset,
  judgeDelta,
  stateHash,
} from '../src/index.ts';
import type { FlagUpdate, Position } from '../src/index.ts';
import { compiled, flagOf, held, segmentOf } from './rulesets.ts';

const at = (version: number, hash = '00000000', epoch = 'e1'): Position => ({ epoch, version, hash });

test.each([
  ['applies when it continues what is held', at(5), at(5), at(6), 'apply'],
  ['applies when it starts below what is held', at(5), at(3, '99999999'), at(6), 'apply'],
  ['is ignored when it ends at what is held', at(6), at(5), at(6), 'ignore'],
  ['is ignored when it ends below what is held', at(7), at(5), at(6), 'ignore'],
  ['is ignored when its epoch is older', at(5, '00000000', 'e2'), at(5), at(6), 'ignore'],
  ['is a gap when it starts above what is held', at(4), at(5, '11111111'), at(6), 'gap'],
  ['applies when nothing changed between what is held and its start', at(4), at(5), at(6), 'apply'],
  ['is a gap when its epoch is newer', at(5), at(5, '00000000', 'e2'), at(6, '00000000', 'e2'), 'gap'],
  ['is a gap when it continues a fork', at(5), at(5, '11111111'), at(6), 'gap'],
  ['is a gap when nothing is held', undefined, at(5), at(6), 'gap'],
] as const)('a delta %s', (_, heldAt, from, position, verdict) => {
  expect(judgeDelta(heldAt, { from, position })).toBe(verdict);
});

test('a full sync never leads to an older epoch or version', () => {
  expect(acceptsFullSync(undefined, { position: at(1) })).toBe(true);
  expect(acceptsFullSync(at(2), { position: at(2, '11111111') })).toBe(true);
  expect(acceptsFullSync(at(2), { position: at(1) })).toBe(false);
  expect(acceptsFullSync(at(2, '00000000', 'e2'), { position: at(9) })).toBe(false);
});

test('a delta overwrites, adds and deletes, and leaves what was held as it was', () => {
  const before = held(1, [flagOf('a', 1, false), flagOf('b', 1, true)], [segmentOf('s', 1, ['u'])]);
  const after = applyDelta(before, {
    type: 'FLAG_UPDATE',
    from: before.position,
    position: at(2),
    flags: { a: flagOf('a', 2, true), b: null, c: flagOf('c', 2, true) },
    segments: { s: null },
  });
  const read = (key: string, state = after): boolean => evaluate(state.ruleset, key, {}, false, 0).value;
  expect([read('a'), read('b'), read('c')]).toEqual([true, false, true]);
  expect([read('a', before), read('b', before)]).toEqual([false, true]);
  expect(after.ruleset.segments.size).toBe(0);
  expect(after.position).toEqual(held(2, [flagOf('a', 2, true), flagOf('c', 2, true)]).position);
});

test('a change of segments alone moves the hash too', () => {
  const before = held(1, [], [segmentOf('s', 1, ['u'])]);
  const segments = { s: segmentOf('s', 2, ['v']) };
  const after = applyDelta(before, { type: 'SEGMENT_UPDATE', from: before.position, position: at(2), segments });
  expect(after.position).toEqual(held(2, [], [segmentOf('s', 2, ['v'])]).position);
});

test('however changes are cut into deltas, the hash is that of what is held', () => {
  const key = fc.constantFrom('a', 'b', '__proto__', 'constructor', 'toString');
  const change = fc.dictionary(key, fc.option(fc.record({ version: fc.nat(9), digest: fc.string() })), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      let state = holdRuleset(compiled(0));
      for (const flags of changes) {
        const { position } = state;
        const next = { ...position, version: position.version + 1 };
        state = applyDelta(state, {
          type: 'FLAG_UPDATE',
          from: position,
          position: next,
          flags,
        } as unknown as FlagUpdate);
      }
      expect(state.hash).toBe(stateHash(state.ruleset));
      expect(state.position.hash).toBe(formatStateHash(state.hash));
      expect(state.position.version).toBe(changes.length);
    }),
  );
});

test('adopting a position moves nothing else', () => {
  const before = held(1, [flagOf('a', 1, true)]);
  const after = adoptPosition(before, { ...before.position, version: 9 });
  expect(after.ruleset).toBe(before.ruleset);
  expect(after.position.version).toBe(9);
});
