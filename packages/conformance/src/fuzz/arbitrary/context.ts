import * as fc from 'fast-check';
import { putMember, THROWING } from '../text.ts';
import { ATTRIBUTES } from './condition.ts';
import { gridArbitrary, instantArbitrary } from './instants.ts';
import { SEGMENT_KEYS, UNITS, VARIATIONS } from './names.ts';
import {
  addressArbitrary,
  NO_ADDRESSES,
  NO_VERSIONS,
  numberArbitrary,
  textArbitrary,
  versionArbitrary,
} from './pools.ts';

/** What no clause counts, or counts as of another type. */
const strays = fc.constantFrom<unknown>(
  null,
  undefined,
  Number.NaN,
  Infinity,
  -Infinity,
  1n,
  new Date(Number.NaN),
  {},
  [],
  [[1]],
  true,
  '',
  'x'.repeat(1025),
  Array(1001).fill('DE'),
  () => 1,
);

const elements = fc.oneof(
  textArbitrary,
  numberArbitrary,
  fc.boolean(),
  versionArbitrary,
  addressArbitrary,
  fc.constantFrom<unknown>(null, [1], {}),
);
const dates = fc.oneof(
  instantArbitrary,
  gridArbitrary,
  gridArbitrary.map((at) => new Date(at)),
  fc.constantFrom<unknown>(
    '2026-06-01',
    '2026-02-30T00:00:00Z',
    '2026-06-01T24:00:00Z',
    '2026-06-01T12:00:60Z',
    '0000-01-01T00:00:00Z',
    '2026-06-01t12:00:00z',
    '2026-06-01 12:00:00Z',
    '2026-06-01T12:00:00',
    '2026-06-01T12:00:00.Z',
    '2026-06-01T12:00:00+24:00',
  ),
);

/** Each attribute as it should be, a list of such, or something else. */
const valued = (own: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 10, arbitrary: own },
    { weight: 1, arbitrary: fc.array(fc.oneof(own, elements), { maxLength: 3 }) },
    { weight: 1, arbitrary: strays },
  );

const unit = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<unknown>(...UNITS) },
  { weight: 3, arbitrary: fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }) },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      '',
      42,
      -0,
      -7,
      4.2,
      null,
      true,
      ['ann'],
      2 ** 53,
      2 ** 53 - 1,
      'x'.repeat(600),
    ),
  },
);

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 6 });

const rarely = (texts: readonly string[]): fc.Arbitrary<string | undefined> =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...texts) });

const object = (entries: readonly (readonly [string, unknown])[]): Record<string, unknown> => {
  const made = {};
  for (const [name, value] of entries) if (value !== undefined) putMember(made, name, value);
  return made;
};

const contexts = fc
  .record({
    targetingKey: maybe(unit),
    session: maybe(unit),
    org: maybe(fc.record({ id: maybe(unit), plan: maybe(valued(textArbitrary)) })),
    attributes: fc.record(
      Object.fromEntries(Object.entries(ATTRIBUTES).map(([name, own]) => [name, maybe(valued(own))])),
    ),
    near: fc.record({ version: rarely(NO_VERSIONS), ip: rarely(NO_ADDRESSES) }),
    since: maybe(valued(dates)),
    seen: maybe(valued(dates)),
    tags: maybe(fc.array(elements, { maxLength: 4 })),
    dotted: maybe(textArbitrary),
    inherited: maybe(fc.subarray(['__proto__', 'toString', 'constructor', ''])),
    cookie: maybe(fc.constantFrom<unknown>(...VARIATIONS, 'gone', 1)),
    external: maybe(fc.oneof(fc.subarray([...SEGMENT_KEYS]), fc.constantFrom<unknown>('beta', 1, [['beta']]))),
    throws: fc.nat(30),
  })
  .map(
    ({
      targetingKey,
      session,
      org,
      attributes,
      near,
      since,
      seen,
      tags,
      dotted,
      inherited = [],
      cookie,
      external,
      throws,
    }) =>
      object([
        ...Object.entries(attributes),
        ...Object.entries(near),
        ...Object.entries({ targetingKey, session, since, seen, tags, cookie }),
        ['org', org && object(Object.entries(org))],
        ['org.plan', dotted],
        ...inherited.map((name) => [name, name === 'constructor' ? { name: 'DE' } : 'pro'] as const),
        ['$segments', external],
        ['boom', throws === 30 ? THROWING : undefined],
      ]),
  );

/** A context, or what a caller without types hands over in place of one. */
export const contextArbitrary: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 60, arbitrary: contexts },
  { weight: 1, arbitrary: fc.constant(null) },
);
