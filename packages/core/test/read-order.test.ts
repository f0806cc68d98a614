import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileRuleset, evaluate, problemOf } from '../src/index.ts';
import { type Entry, flagWhen, NOW, rulesetOf, segmentOf } from './build.ts';
import { graphArbitrary, orderArbitrary } from './graph.ts';

const CONTEXTS: readonly Entry[] = [{}, { targetingKey: 'ann' }, { x: 1 }, { targetingKey: 'bob', x: 2 }];

/** What is said of every flag when they are read in this order. */
function readInOrder(ruleset: unknown, order: readonly string[]): Entry {
  const compiled = compileRuleset(ruleset);
  const said = order.map((key) => {
    const answers = CONTEXTS.map((context) => evaluate(compiled, key, context, null, NOW));
    return [key, [problemOf(compiled, key), answers]] as const;
  });
  return Object.fromEntries(said.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

describe('the order in which flags are read', () => {
  it('changes no answer and no verdict, however they refer to each other', () => {
    fc.assert(
      fc.property(graphArbitrary, orderArbitrary, orderArbitrary, (ruleset, one, other) => {
        expect(readInOrder(ruleset, other)).toStrictEqual(readInOrder(ruleset, one));
      }),
      { numRuns: 1500 },
    );
  });

  it('changes no verdict of a cycle of segments', () => {
    const to = (segment: string): Entry => ({ rules: [{ segment }] });
    const segments = [
      segmentOf({ key: 'a', ...to('b') }),
      segmentOf({ key: 'b', ...to('c') }),
      segmentOf({ key: 'c', ...to('a') }),
      segmentOf({ key: 'in', ...to('a') }),
    ];
    const keys = ['a', 'b', 'c', 'in'];
    const ruleset = rulesetOf(
      keys.map((segment) => flagWhen({ segment }, { key: segment })),
      segments,
    );
    for (const first of keys) {
      const compiled = compileRuleset(ruleset);
      const order = [first, ...keys];
      expect(order.map((key) => problemOf(compiled, key))).toStrictEqual(order.map(() => 'SEGMENT'));
    }
  });

  it.each([
    '{ "all": [] }',
    '{ "segment": "gone" }',
    '{ "segment": "s5" }',
    '{ "segment": "s16" }',
    '{ "attr": "x", "op": "like" }',
  ])('changes no verdict of a chain that is too long and ends in %s', (end) => {
    const length = 20;
    const segments = Array.from({ length }, (_, at) =>
      segmentOf({ key: `s${at}`, rules: [at + 1 < length ? { segment: `s${at + 1}` } : JSON.parse(end)] }),
    );
    const keys = segments.map(({ key }) => String(key));
    const flags = keys.map((segment) => flagWhen({ segment }, { key: segment }));
    const verdicts = (order: readonly string[]): Entry => {
      const compiled = compileRuleset(rulesetOf(flags, segments));
      for (const key of order) problemOf(compiled, key);
      return Object.fromEntries(keys.map((key) => [key, problemOf(compiled, key)]));
    };
    const downwards = verdicts(keys);
    expect(verdicts(keys.toReversed())).toStrictEqual(downwards);
    for (const key of keys) expect(verdicts([key])).toStrictEqual(downwards);
  });
});
