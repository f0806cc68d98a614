import * as fc from 'fast-check';
import { type Entry, flagOf, rulesetOf, segmentOf } from './build.ts';

const FLAGS: readonly string[] = ['f0', 'f1', 'f2', 'f3', 'f4', 'f5'];
const SEGMENTS: readonly string[] = ['s0', 's1', 's2', 's3', 's4', 's5'];

/** One condition: a segment (which may be missing or lead back), a clause, or one that is broken. */
const condition: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ segment: fc.constantFrom(...SEGMENTS) }) },
  { weight: 1, arbitrary: fc.constant({ segment: 'missing' }) },
  { weight: 4, arbitrary: fc.constant({ attr: 'x', op: 'eq', values: [1] }) },
  { weight: 1, arbitrary: fc.constant({ attr: 'x', op: 'like', values: [1] }) },
  { weight: 1, arbitrary: fc.record({ not: fc.record({ segment: fc.constantFrom(...SEGMENTS) }) }) },
);

const conditions = fc.array(condition, { maxLength: 2 });

/** A segment of a graph that may have cycles, dead ends and broken places. */
function segmentArbitrary(key: string): fc.Arbitrary<Entry> {
  return fc
    .tuple(fc.array(conditions, { maxLength: 2 }), fc.subarray(['ann', 'bob']))
    .map(([rules, include]) => segmentOf({ key, include, rules: rules.map((any) => ({ any })) }));
}

/** A flag of a graph that may have cycles, dead ends and broken places. */
function flagArbitrary(key: string): fc.Arbitrary<Entry> {
  const prerequisite = fc.record({
    flag: fc.constantFrom(...FLAGS, 'missing'),
    variations: fc.subarray(['on', 'off'], { minLength: 1 }),
  });
  return fc
    .record({
      version: fc.nat(9),
      enabled: fc.constantFrom(true, true, true, false),
      prerequisites: fc.oneof(fc.constant([]), fc.array(prerequisite, { maxLength: 2 })),
      when: fc.option(condition, { nil: { all: [] }, freq: 1 }),
      off: fc.constantFrom('off', 'off', 'off', 'off', 'off', 'gone'),
    })
    .map(({ when, ...parts }) => flagOf({ key, ...parts, rules: [{ id: 'r', when, serve: { variation: 'on' } }] }));
}

/** Six flags and six segments that refer to each other at random. */
export const graphArbitrary: fc.Arbitrary<Entry> = fc
  .tuple(fc.tuple(...FLAGS.map(flagArbitrary)), fc.tuple(...SEGMENTS.map(segmentArbitrary)))
  .map(([flags, segments]) => rulesetOf(flags, segments));

/** Changes of such a graph: new forms of some entries, and some that are gone. */
export const changeArbitrary: fc.Arbitrary<{ readonly flags: Entry; readonly segments: Entry }> = fc
  .tuple(fc.subarray([...FLAGS], { maxLength: 2 }), fc.subarray([...SEGMENTS], { maxLength: 2 }))
  .chain(([flags, segments]) => {
    const entries = (keys: readonly string[], make: (key: string) => fc.Arbitrary<Entry>): fc.Arbitrary<Entry> =>
      fc
        .tuple(...keys.map((key) => fc.option(make(key), { nil: null, freq: 4 })))
        .map((made) => Object.fromEntries(made.map((entry, index) => [keys[index], entry])));
    return fc.record({ flags: entries(flags, flagArbitrary), segments: entries(segments, segmentArbitrary) });
  });

/** The keys of the flags, in every order. */
export const orderArbitrary: fc.Arbitrary<string[]> = fc.shuffledSubarray([...FLAGS], { minLength: FLAGS.length });
