import * as fc from 'fast-check';
import type { BucketRange, Bucketing, Clause, Condition, Json, TimeWindow } from '../../src/index.ts';
import {
  addressArbitrary,
  instantArbitrary,
  nowArbitrary,
  numberArbitrary,
  PATHS,
  textArbitrary,
  UNIT_PATHS,
  versionArbitrary,
} from './context.ts';

const attr = fc.oneof(
  fc.constantFrom<string | readonly string[]>(...PATHS),
  fc.constantFrom<string | readonly string[]>(['org', 'plan'], ['org.plan'], ['tags'], 'targetingKey'),
);

interface ClauseShape {
  readonly op: readonly Clause['op'][];
  readonly values: fc.Arbitrary<Json>;
  readonly as?: readonly (Clause['as'] | undefined)[];
  readonly fold?: boolean;
  readonly most?: number;
}

const clause = ({ op, values, as = [undefined], fold = false, most = 3 }: ClauseShape): fc.Arbitrary<Clause> =>
  fc
    .record({
      attr,
      op: fc.constantFrom(...op),
      values: fc.array(values, { minLength: 1, maxLength: most }),
      as: fc.constantFrom(...as),
      ignoreCase: fc.option(fc.boolean(), { nil: undefined }),
      ifMissing: fc.option(fc.boolean(), { nil: undefined }),
    })
    .map(({ as: coercion, ignoreCase, ifMissing, ...rest }) => ({
      ...rest,
      ...(coercion && { as: coercion }),
      ...(fold && ignoreCase !== undefined && { ignoreCase }),
      ...(ifMissing !== undefined && { ifMissing }),
    }));

const ORDERED: readonly Clause['op'][] = ['lt', 'lte', 'gt', 'gte'];
const EQUAL: readonly Clause['op'][] = ['eq', 'in'];
const patterns = fc.constantFrom('^D', 'e$', '^(a+)+$', '\\d', '^\\w+@\\w+\\.io$', '[A-F]{2}', '', 'pro|DE');
const blocks = fc.oneof(addressArbitrary, fc.constantFrom('10.0.0.0/8', '0.0.0.0/0', '2001:db8::/32', '::/0'));
const numeric = fc.oneof(numberArbitrary, fc.constantFrom('7', '-1', '1.8e1'));
const dates = fc.oneof(nowArbitrary, instantArbitrary);

/** A sound clause, of every operator with every coercion it takes. */
const clauseArbitrary: fc.Arbitrary<Clause> = fc.oneof(
  clause({ op: EQUAL, values: fc.oneof(textArbitrary, numberArbitrary, fc.boolean()), fold: true }),
  clause({ op: EQUAL, values: fc.oneof(textArbitrary, numberArbitrary, fc.boolean()), as: ['string'], fold: true }),
  clause({ op: EQUAL, values: numeric, as: ['number'] }),
  clause({ op: EQUAL, values: dates, as: ['date'] }),
  clause({ op: EQUAL, values: versionArbitrary, as: ['version'] }),
  clause({
    op: ['contains', 'startsWith', 'endsWith'],
    values: textArbitrary,
    as: [undefined, 'string'],
    fold: true,
  }),
  // A pattern counts as many steps, and what refers to it often has to stay sound.
  clause({ op: ['matches'], values: patterns, as: [undefined, 'string'], fold: true, most: 2 }),
  clause({ op: ['cidr'], values: blocks, as: [undefined, 'string'] }),
  clause({ op: ORDERED, values: numberArbitrary }),
  clause({ op: ORDERED, values: numeric, as: ['number'] }),
  clause({ op: ORDERED, values: dates, as: ['date'] }),
  clause({ op: ORDERED, values: versionArbitrary, as: ['version'] }),
  clause({ op: ['before', 'after'], values: dates, as: [undefined, 'date'] }),
  clause({
    op: ['verEq', 'verLt', 'verLte', 'verGt', 'verGte'],
    values: versionArbitrary,
    as: [undefined, 'version'],
  }),
  fc.record({ attr, op: fc.constant('exists' as const) }),
);

/** A sound window: an interval, hours, days and offsets, each there or not. */
const windowArbitrary: fc.Arbitrary<TimeWindow> = fc
  .record(
    {
      from: nowArbitrary,
      until: nowArbitrary,
      days: fc.subarray([1, 2, 3, 4, 5, 6, 7], { minLength: 1 }),
      start: fc.integer({ min: 0, max: 1440 }),
      end: fc.integer({ min: 0, max: 1440 }),
      offsets: fc.uniqueArray(fc.tuple(nowArbitrary, fc.constantFrom(-300, 0, 60, 120, 345)), {
        selector: ([at]) => at,
        maxLength: 3,
      }),
    },
    { requiredKeys: [] },
  )
  .filter(({ from = 0, until = Infinity }) => from !== until)
  .filter(({ start = 0, end = 1440 }) => start !== end)
  .map(({ from, until, offsets, ...hours }) => {
    const inOrder = from === undefined || until === undefined || from < until;
    const [first, last] = inOrder ? [from, until] : [until, from];
    return {
      ...hours,
      ...(first !== undefined && { from: new Date(first).toISOString() }),
      ...(last !== undefined && { until: new Date(last).toISOString() }),
      ...(offsets && { offsets: [...offsets].sort(([a], [b]) => a - b) }),
    };
  });

/** How a unit is bucketed; `bucketer` names one of `bucketers` in ruleset.ts. */
export const bucketingArbitrary: fc.Arbitrary<Bucketing> = fc.record(
  {
    by: fc.constantFrom(...UNIT_PATHS),
    salt: fc.constantFrom('layer', 'é', 's'),
    bucketer: fc.constant('length'),
    total: fc.constantFrom(1, 2, 10, 1000, 100_000, 1_048_576),
  },
  { requiredKeys: [] },
);

/** A sound range of buckets. */
const rangeArbitrary: fc.Arbitrary<BucketRange> = fc
  .tuple(bucketingArbitrary, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([bucketing, one, other]) => {
    const total = bucketing.total ?? 100_000;
    const [from, to] = [Math.round(one * total), Math.round(other * total)];
    return { salt: 'layer', ...bucketing, from: Math.min(from, to), to: Math.max(from, to) };
  });

/** A sound condition of every kind over these segments, at most so many levels deep. */
export function conditionArbitrary(segments: readonly string[], depth: number): fc.Arbitrary<Condition> {
  const leaves: fc.WeightedArbitrary<Condition>[] = [
    { weight: 8, arbitrary: clauseArbitrary },
    { weight: 1, arbitrary: fc.record({ time: windowArbitrary }) },
    { weight: 1, arbitrary: fc.record({ bucket: rangeArbitrary }) },
  ];
  if (segments.length) leaves.push({ weight: 3, arbitrary: fc.record({ segment: fc.constantFrom(...segments) }) });
  const leaf = fc.oneof(...leaves);
  if (depth === 0) return leaf;
  const inner = conditionArbitrary(segments, depth - 1);
  return fc.oneof(
    { weight: 3, arbitrary: leaf },
    { weight: 1, arbitrary: fc.record({ not: inner }) },
    { weight: 1, arbitrary: fc.record({ all: fc.array(inner, { maxLength: 3 }) }) },
    { weight: 1, arbitrary: fc.record({ any: fc.array(inner, { maxLength: 3 }) }) },
  );
}
