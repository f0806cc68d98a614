import * as fc from 'fast-check';
import type { Clause, Condition, Json, TimeWindow } from '@flags/core';
import { gridArbitrary, instantArbitrary } from './instants.ts';
import { UNIT_PATHS } from './names.ts';
import {
  addressArbitrary,
  blockArbitrary,
  numberArbitrary,
  NO_PATTERNS,
  numericArbitrary,
  patternArbitrary,
  textArbitrary,
  versionArbitrary,
} from './pools.ts';

/** Leaves out what is undefined, as JSON does. */
export function present<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

/** What a part of a ruleset becomes once it is known which names it may refer to. */
export type Maker<T> = (names: readonly string[]) => T;

/** One of the names, by a number. */
export const pick = (names: readonly string[], index: number): string =>
  names[index % Math.max(names.length, 1)] ?? 'missing';

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 2 });

const STRAY_PATHS: readonly (string | readonly string[])[] = [
  'toString',
  '__proto__',
  'constructor.name',
  ['org.plan'],
  ['org', 'plan'],
  'org',
  [''],
  'boom',
  'no',
  'a..b',
  'tags',
];

interface Family {
  readonly attr: readonly (string | readonly string[])[];
  readonly op: readonly Clause['op'][];
  readonly values: fc.Arbitrary<Json>;
  readonly as?: readonly (Clause['as'] | undefined)[];
  readonly fold?: boolean;
  readonly most?: number;
}

function clauseArbitrary({
  attr,
  op,
  values,
  as = [undefined],
  fold = false,
  most = 3,
}: Family): fc.Arbitrary<Condition> {
  return fc
    .record({
      attr: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...attr) },
        { weight: 1, arbitrary: fc.constantFrom(...STRAY_PATHS) },
      ),
      op: fc.constantFrom(...op),
      values: fc.array(values, { minLength: 1, maxLength: most }),
      as: fc.constantFrom(...as),
      ignoreCase: fold ? maybe(fc.boolean()) : fc.constant(undefined),
      ifMissing: maybe(fc.boolean()),
    })
    .map((clause) => present(clause) as Clause);
}

const EQUAL: readonly Clause['op'][] = ['eq', 'in'];
const ORDER: readonly Clause['op'][] = ['lt', 'lte', 'gt', 'gte'];
const TEXTS = ['country', 'tags', 'org.plan', 'email'];
const DATES = ['since', 'age', 'seen'];
const scalars = fc.oneof(textArbitrary, numberArbitrary, fc.boolean());
const dates = fc.oneof(instantArbitrary, gridArbitrary);
const numeric = fc.oneof(numberArbitrary, fc.constantFrom('7', '-1', '1.8e1'));

/** Letters that only some ways of folding take for each other: É and é, the Kelvin sign and k, long s and s. */
const letters = fc.constantFrom('é', 'É', '\u212a', 'k', 'K', '\u017f', 's', 'S', 'ß');

const VERSION_CLAUSES = clauseArbitrary({
  attr: ['version'],
  op: ['verEq', 'verLt', 'verLte', 'verGt', 'verGte'],
  values: versionArbitrary,
  as: [undefined, 'version'],
});
const DATE_CLAUSES = clauseArbitrary({ attr: DATES, op: ['before', 'after'], values: dates, as: [undefined, 'date'] });
const TEXT_CLAUSES = clauseArbitrary({
  attr: TEXTS,
  op: ['contains', 'startsWith', 'endsWith'],
  values: textArbitrary,
  as: [undefined, 'string'],
  fold: true,
});

/** A sound clause: every operator, with every coercion it takes. */
const clauses: fc.Arbitrary<Condition> = fc.oneof(
  // As often as it takes to meet each operator.
  ...Array<fc.Arbitrary<Condition>>(3).fill(VERSION_CLAUSES),
  DATE_CLAUSES,
  TEXT_CLAUSES,
  clauseArbitrary({ attr: [...TEXTS, 'age', 'vip'], op: EQUAL, values: scalars, fold: true }),
  clauseArbitrary({ attr: [...TEXTS, 'age', 'vip', 'since'], op: EQUAL, values: scalars, as: ['string'], fold: true }),
  clauseArbitrary({ attr: ['age', 'count'], op: EQUAL, values: numeric, as: ['number'] }),
  clauseArbitrary({ attr: DATES, op: EQUAL, values: dates, as: ['date'] }),
  clauseArbitrary({ attr: ['version'], op: EQUAL, values: versionArbitrary, as: ['version'] }),
  TEXT_CLAUSES,
  clauseArbitrary({
    attr: [...TEXTS, 'count'],
    op: ['matches'],
    values: fc.oneof(
      { weight: 20, arbitrary: patternArbitrary },
      { weight: 1, arbitrary: fc.constantFrom(...NO_PATTERNS) },
    ),
    as: [undefined, 'string'],
    fold: true,
    most: 2,
  }),
  clauseArbitrary({ attr: ['letter'], op: [...EQUAL, 'contains', 'startsWith'], values: letters, fold: true }),
  clauseArbitrary({ attr: ['ip'], op: ['cidr'], values: blockArbitrary, as: [undefined, 'string'] }),
  clauseArbitrary({ attr: ['age', 'count'], op: ORDER, values: numberArbitrary }),
  clauseArbitrary({ attr: ['age', 'count', 'since'], op: ORDER, values: numeric, as: ['number'] }),
  clauseArbitrary({ attr: DATES, op: ORDER, values: dates, as: ['date'] }),
  clauseArbitrary({ attr: ['version'], op: ORDER, values: versionArbitrary, as: ['version'] }),
  DATE_CLAUSES,
  VERSION_CLAUSES,
  fc.record({
    attr: fc.constantFrom<string | readonly string[]>(...TEXTS, ...STRAY_PATHS, 'since'),
    op: fc.constant('exists' as const),
  }),
);

const minute = fc.constantFrom(0, 1, 360, 719, 720, 721, 1080, 1439, 1440);

/** A sound window: an interval, hours, days and offsets, each there or not. */
const windows: fc.Arbitrary<Condition> = fc
  .record(
    {
      bounds: fc.tuple(maybe(instantArbitrary), maybe(instantArbitrary)),
      days: fc.oneof(
        fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
        fc.integer({ min: 1, max: 7 }).map((day) => [day]),
      ),
      hours: fc.tuple(maybe(minute), maybe(minute)),
      offsets: fc.uniqueArray(fc.tuple(gridArbitrary, fc.constantFrom(-1440, -300, 0, 60, 120, 345, 1440)), {
        selector: ([at]) => at,
        maxLength: 3,
      }),
    },
    { requiredKeys: [] },
  )
  .map(({ bounds, days, hours, offsets }): Condition => {
    const [one, other] = bounds ?? [];
    const [start, end] = hours ?? [];
    const [from, until] = [one, other].toSorted((a, b) => Date.parse(a ?? '') - Date.parse(b ?? ''));
    const opens = (start ?? 0) !== (end ?? 1440);
    const open = opens ? { start, end } : {};
    const window = { from, until, days, ...open, offsets: offsets?.toSorted(([a], [b]) => a - b) };
    return { time: present(window) as TimeWindow };
  });

/** How a unit finds its bucket. */
export const bucketingArbitrary: fc.Arbitrary<{ by?: string; salt?: string; bucketer?: string; total?: number }> =
  fc.record(
    {
      by: fc.constantFrom(...UNIT_PATHS),
      salt: fc.constantFrom('layer', 'é', '\ud800s', 'x'.repeat(60)),
      total: fc.constantFrom(1, 2, 3, 10, 1000, 100_000, 1_048_576),
    },
    { requiredKeys: [] },
  );

const share = fc.integer({ min: 0, max: 100 });

const ranges: fc.Arbitrary<Condition> = fc.tuple(bucketingArbitrary, share, share).map(([bucketing, one, other]) => {
  const total = bucketing.total ?? 100_000;
  const [from, to] = [Math.min(one, other), Math.max(one, other)].map((percent) => Math.round((percent * total) / 100));
  return { bucket: { salt: 'layer', ...bucketing, from: from ?? 0, to: to ?? 0 } };
});

/** A condition over the segments whose keys it is given, at most so many levels deep. */
export function conditionArbitrary(depth: number): fc.Arbitrary<Maker<Condition>> {
  const always = (arbitrary: fc.Arbitrary<Condition>): fc.Arbitrary<Maker<Condition>> =>
    arbitrary.map((condition) => () => condition);
  const segment = fc.nat(9).map(
    (index): Maker<Condition> =>
      (names) =>
        names.length ? { segment: pick(names, index) } : { any: [] },
  );
  const leaf = fc.oneof(
    { weight: 8, arbitrary: always(clauses) },
    { weight: 2, arbitrary: always(windows) },
    { weight: 1, arbitrary: always(ranges) },
    { weight: 2, arbitrary: segment },
  );
  if (depth === 0) return leaf;
  const inner = conditionArbitrary(depth - 1);
  const list = fc.array(inner, { maxLength: 3 });
  return fc.oneof(
    { weight: 4, arbitrary: leaf },
    {
      weight: 1,
      arbitrary: inner.map((make): Maker<Condition> => (names) => ({ not: make(names) })),
    },
    {
      weight: 1,
      arbitrary: list.map((makers): Maker<Condition> => (names) => ({ all: makers.map((make) => make(names)) })),
    },
    {
      weight: 1,
      arbitrary: list.map((makers): Maker<Condition> => (names) => ({ any: makers.map((make) => make(names)) })),
    },
  );
}

/** Values that attributes of these names hold, so that clauses meet what they look for. */
export const ATTRIBUTES: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  country: textArbitrary,
  email: textArbitrary,
  age: fc.oneof(numberArbitrary, gridArbitrary, numericArbitrary),
  count: fc.oneof(numberArbitrary, numericArbitrary),
  version: versionArbitrary,
  ip: addressArbitrary,
  vip: fc.boolean(),
  letter: letters,
};
