import * as fc from 'fast-check';
import type { EvaluationContext } from '../../src/index.ts';

/** Noon of 1 June 2026 in UTC, a Monday: instants, windows and rollouts of random rulesets lie around it. */
const NOON: number = Date.UTC(2026, 5, 1, 12);

const DAY = 86_400_000;

/** An instant within three days of `NOON`, in epoch ms. */
export const nowArbitrary: fc.Arbitrary<number> = fc.integer({ min: NOON - 3 * DAY, max: NOON + 3 * DAY });

/** The same instants as RFC 3339 text, with any way to write the offset. */
export const instantArbitrary: fc.Arbitrary<string> = fc
  .tuple(nowArbitrary, fc.constantFrom('Z', '+00:00', '+02:00', '-05:30'))
  .map(([at, zone]) => new Date(at).toISOString().replace('Z', zone));

/** Units that targets and segments list; few, so that they are met. */
export const UNITS: readonly string[] = ['ann', 'bob', 'cléo', '42', '__proto__', 'constructor', 'δ\ud800'];

/** Names of variations, which are also what a sticky attribute holds. */
export const VARIATIONS: readonly string[] = ['on', 'off', 'constructor', 'toString'];

/** Paths that clauses read. */
export const PATHS: readonly string[] = [
  'country',
  'age',
  'version',
  'ip',
  'since',
  'tags',
  'vip',
  'org.plan',
  'toString',
  '__proto__',
  'constructor.name',
];

/** Paths that units are read from. */
export const UNIT_PATHS: readonly string[] = ['targetingKey', 'org.id', 'session'];

/** Text that clauses compare with and attributes hold. */
export const textArbitrary: fc.Arbitrary<string> = fc.constantFrom(
  '',
  'DE',
  'de',
  'FR',
  'pro',
  'Pro-1',
  'ann@x.io',
  '7',
);

/** Numbers on both sides of each other. */
export const numberArbitrary: fc.Arbitrary<number> = fc.constantFrom(-1, 0, 1, 7, 17.5, 18, 65, 2 ** 53, NOON);

/** Versions, most of them sound. */
export const versionArbitrary: fc.Arbitrary<string> = fc.constantFrom(
  '1.0.0',
  'v1.2',
  '1.2.3-rc.1',
  '1.2.3',
  '2',
  '10.0.0',
);

/** Addresses of both families. */
export const addressArbitrary: fc.Arbitrary<string> = fc.constantFrom('10.0.0.1', '192.168.1.7', '2001:db8::1', '::1');

const attribute = fc.oneof(
  textArbitrary,
  numberArbitrary,
  versionArbitrary,
  addressArbitrary,
  fc.boolean(),
  instantArbitrary,
  nowArbitrary.map((at) => new Date(at)),
  fc.array(fc.oneof(textArbitrary, numberArbitrary, fc.boolean(), fc.constant([1])), { maxLength: 3 }),
  fc.constantFrom<unknown>(null, undefined, Number.NaN, Infinity, 1n, new Date(Number.NaN), {}, () => 1),
);

const unit = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(...UNITS) },
  { weight: 3, arbitrary: fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>('', 42, 4.2, null, true, ['ann']) },
);

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined, freq: 4 });

/** A context, by `Object.fromEntries`, so that a name such as `__proto__` is an own attribute. */
export const contextArbitrary: fc.Arbitrary<EvaluationContext> = fc
  .record({
    units: fc.tuple(optional(unit), optional(unit), optional(unit)),
    attributes: fc.tuple(...PATHS.map(() => optional(attribute))),
    sticky: optional(fc.constantFrom<unknown>(...VARIATIONS, 'gone', 1)),
    external: optional(fc.subarray(['beta', 'staff', '__proto__'])),
  })
  .map(({ units, attributes, sticky, external }) => {
    const entries: (readonly [string, unknown])[] = [];
    const nested = new Map<string, (readonly [string, unknown])[]>();
    const put = (path: string, value: unknown): void => {
      if (value === undefined) return;
      const [first = '', second] = path.split('.');
      if (second === undefined) entries.push([first, value]);
      else nested.set(first, [...(nested.get(first) ?? []), [second, value]]);
    };
    for (const [index, path] of UNIT_PATHS.entries()) put(path, units[index]);
    for (const [index, path] of PATHS.entries()) put(path, attributes[index]);
    put('cookie', sticky);
    put('$segments', external);
    for (const [name, members] of nested) entries.push([name, Object.fromEntries(members)]);
    return Object.fromEntries(entries) as EvaluationContext;
  });
