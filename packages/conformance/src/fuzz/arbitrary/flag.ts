import * as fc from 'fast-check';
import type { Condition, Flag, FlagType, Json, Prerequisite, Segment, Serve, Split, Target } from '@flags/core';
import { putMember } from '../text.ts';
import { bucketingArbitrary, conditionArbitrary, type Maker, pick, present } from './condition.ts';
import { gridArbitrary, instantArbitrary } from './instants.ts';
import { FLAG_KEYS, SEGMENT_KEYS, UNIT_PATHS, UNITS, VARIATIONS } from './names.ts';

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });
const index = fc.nat(11);
const percent = fc.integer({ min: 0, max: 100 });
const of = (share: number, total: number): number => Math.round((share * total) / 100);

const own: Json = JSON.parse('{"__proto__":{"polluted":true},"constructor":[]}') as Json;
const VALUES: Readonly<Record<FlagType, fc.Arbitrary<Json>>> = {
  boolean: fc.boolean(),
  string: fc.oneof(fc.constantFrom('', 'é', '\ud800', '</script>', '\u2028'), fc.string({ maxLength: 5 })),
  number: fc.oneof(fc.integer(), fc.constantFrom(-0, 0.1, 1e21, 5e-324, 2 ** 53 + 2, Infinity)),
  object: fc.oneof(
    fc.constantFrom<Json>({ size: 1 }, [1, [2]], {}, [], own),
    fc.jsonValue({ maxDepth: 2 }).map((value) => [value as Json]),
  ),
};

/** What is served, once the names of variations are known. */
const serveArbitrary: fc.Arbitrary<Maker<Serve>> = fc.oneof(
  index.map((at): Maker<Serve> => (names) => ({ variation: pick(names, at) })),
  fc
    .record({
      bucketing: bucketingArbitrary,
      bucketer: fc.oneof(
        { weight: 8, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom('length', 'faulty') },
      ),
      cuts: fc.array(percent, { maxLength: 3 }),
      served: fc.tuple(index, index, index, index),
      sticky: maybe(fc.constant('cookie')),
      experiment: maybe(fc.constantFrom('exp-1', '')),
    })
    .map(({ bucketing, bucketer, cuts, served, sticky, experiment }): Maker<Serve> => (names) => {
      const total = bucketing.total ?? 100_000;
      const ends = [...cuts.map((cut) => of(cut, total)).sort((a, b) => a - b), total];
      const slices = ends.map((end, at) => [pick(names, served[at] ?? 0), end - (ends[at - 1] ?? 0)] as const);
      return { split: present({ ...bucketing, bucketer, slices, sticky, experiment }) as Split };
    }),
  fc
    .record({
      bucketing: bucketingArbitrary,
      steps: fc.array(fc.tuple(gridArbitrary, percent, instantArbitrary), { minLength: 1, maxLength: 4 }),
      from: index,
      to: index,
      oneWritten: fc.boolean(),
    })
    .map(({ bucketing, steps, from, to, oneWritten }): Maker<Serve> => (names) => {
      const total = bucketing.total ?? 100_000;
      const points = steps
        .toSorted(([a], [b]) => a - b)
        // The instant of a lone point may be written in any way.
        .map(
          ([at, width, text], step) =>
            [
              oneWritten && step === 0 && steps.length === 1 ? text : new Date(at).toISOString(),
              of(width, total),
            ] as const,
        );
      return { progress: { ...bucketing, from: pick(names, from), to: pick(names, to), points } };
    }),
);

const targetArbitrary: fc.Arbitrary<Maker<Target>> = fc
  .record({ variation: index, keys: fc.subarray([...UNITS]), by: maybe(fc.constantFrom(...UNIT_PATHS)) })
  .map(
    ({ variation, keys, by }) =>
      (names) =>
        present({ variation: pick(names, variation), keys, by }) as Target,
  );

/** Mostly an earlier flag; now and then any, so that there are circles, or none. */
const prerequisiteArbitrary: fc.Arbitrary<Maker<Prerequisite>> = fc
  .record({
    index,
    stray: fc.nat(24),
    variations: fc.oneof(fc.constant([...VARIATIONS]), fc.subarray([...VARIATIONS])),
  })
  .map(({ index: at, stray, variations }) => (earlier) => {
    const flag = stray === 24 ? 'missing' : stray > 22 ? pick(FLAG_KEYS, at) : pick(earlier, at);
    return { flag, variations };
  });

/** Now and then as many conditions in each other as there may be, or a few more. */
const levels = fc.oneof(
  { weight: 25, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 30, max: 34 }) },
);

function nested(condition: Condition, levels: number): Condition {
  if (levels === 0) return condition;
  const inner = nested(condition, levels - 1);
  return levels % 2 ? { not: inner } : { all: [inner] };
}

const version = fc.constantFrom(0, 1, 7, Number.MAX_SAFE_INTEGER);

/** A flag of this key that refers to earlier ones and to these segments. */
export type FlagMaker = (key: string, earlier: readonly string[], segments: readonly string[]) => Flag;

/** Flags of every kind. */
export const flagArbitrary: fc.Arbitrary<FlagMaker> = fc
  .record({
    version,
    type: fc.constantFrom<FlagType>('boolean', 'string', 'number', 'object'),
    values: fc.record({
      boolean: list(VALUES.boolean),
      string: list(VALUES.string),
      number: list(VALUES.number),
      object: list(VALUES.object),
    }),
    names: fc.subarray([...VARIATIONS], { minLength: 1 }),
    enabled: fc.nat(9).map((dice) => dice < 9),
    off: index,
    prerequisites: fc.oneof(
      { weight: 3, arbitrary: fc.constant(undefined) },
      { weight: 2, arbitrary: fc.array(prerequisiteArbitrary, { maxLength: 2 }) },
    ),
    targets: maybe(fc.array(targetArbitrary, { maxLength: 3 })),
    rules: fc.array(fc.record({ when: conditionArbitrary(2), levels, serve: serveArbitrary }), { maxLength: 3 }),
    fallthrough: serveArbitrary,
    salt: maybe(fc.constantFrom('salt', '☂', '\udfff')),
    client: maybe(fc.constantFrom<boolean | 'evaluated'>(true, false, 'evaluated')),
    requires: fc.oneof(
      { weight: 9, arbitrary: maybe(fc.subarray(['targets', 'rules', 'salt'])) },
      { weight: 1, arbitrary: fc.constantFrom(['telepathy'], ['']) },
    ),
    metadata: maybe(fc.constantFrom<Flag['metadata']>({ team: 'growth', weight: 1 }, {})),
    telepathy: fc.nat(9).map((dice) => (dice === 9 ? true : undefined)),
  })
  .map((parts): FlagMaker => (key, earlier, segments) => {
    const { values, names, off, prerequisites, targets, rules, fallthrough, ...plain } = parts;
    const variations = names.map((name, at) => ({ name, value: values[parts.type][at] as Json }));
    const needs = earlier.length ? prerequisites?.map((make) => make(earlier)) : undefined;
    return present({
      key,
      ...plain,
      digest: 'd',
      variations,
      off: pick(names, off),
      prerequisites: needs,
      targets: targets?.map((make) => make(names)),
      rules: rules.map(({ when, levels, serve }, at) => ({
        id: `r${at}`,
        when: nested(when(segments), levels),
        serve: serve(names),
      })),
      fallthrough: fallthrough(names),
    }) as Flag;
  });

function list<T>(values: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(values, { minLength: VARIATIONS.length, maxLength: VARIATIONS.length });
}

/** A segment of this key that refers to earlier ones. */
export type SegmentMaker = (key: string, earlier: readonly string[]) => Segment;

/** Segments of every kind; now and then one that may be in a circle, or refers to what is not there. */
export const segmentArbitrary: fc.Arbitrary<SegmentMaker> = fc
  .record({
    version,
    include: maybe(fc.subarray([...UNITS])),
    exclude: maybe(fc.subarray([...UNITS])),
    rules: maybe(fc.array(conditionArbitrary(1), { maxLength: 2 })),
    by: maybe(fc.constantFrom(...UNIT_PATHS)),
    client: maybe(fc.boolean()),
    dice: fc.nat(30),
  })
  .map(({ rules, dice, ...plain }): SegmentMaker => (key, earlier) => {
    const referred = dice === 30 ? [...SEGMENT_KEYS, 'missing'] : earlier;
    const made = { key, ...plain, digest: 'd', rules: rules?.map((make) => make(referred)) };
    const own = dice < 3 ? { external: true, include: undefined, exclude: undefined, rules: undefined } : {};
    return present({ ...made, ...own }) as Segment;
  });

/** Entries under their keys, each made with those before it. */
export function byKey<T>(
  keys: readonly string[],
  make: (key: string, earlier: readonly string[], at: number) => T,
): Record<string, T> {
  const made: Record<string, T> = {};
  for (const [at, key] of keys.entries()) putMember(made, key, make(key, keys.slice(0, at), at));
  return made;
}
