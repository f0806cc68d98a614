import * as fc from 'fast-check';
import type {
  Bucketer,
  Flag,
  FlagType,
  Json,
  Prerequisite,
  Progress,
  Ruleset,
  Segment,
  Serve,
  Split,
  Target,
} from '../../src/index.ts';
import { bucketingArbitrary, conditionArbitrary } from './condition.ts';
import { nowArbitrary, UNIT_PATHS, UNITS, VARIATIONS } from './context.ts';

/** What random rulesets have to be compiled with: one bucketer, `length`. */
export const bucketers: Readonly<Record<string, Bucketer>> = {
  length: (salt, unit, total) => (salt.length + unit.length) % total,
};

const FLAG_KEYS = ['checkout', '__proto__', 'constructor', 'dark-mode', 'toString'];
const SEGMENT_KEYS = ['beta', '__proto__', 'staff'];

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });

/** Leaves out what is undefined, as JSON does. */
const present = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;

const header = { version: fc.integer({ min: 0, max: 9 }), digest: fc.constant('00') };

const VALUES: Readonly<Record<FlagType, fc.Arbitrary<Json>>> = {
  boolean: fc.boolean(),
  string: fc.string({ maxLength: 5 }),
  number: fc.integer(),
  object: fc.oneof(fc.constant({ size: 1 }), fc.constant([1, [2]]), fc.constant({})),
};

const shares = fc.double({ min: 0, max: 1, noNaN: true });

function splitArbitrary(names: readonly string[]): fc.Arbitrary<Split> {
  return fc
    .record({
      bucketing: bucketingArbitrary,
      cuts: fc.array(shares, { maxLength: 3 }),
      variations: fc.array(fc.constantFrom(...names), { minLength: 4, maxLength: 4 }),
      sticky: maybe(fc.constant('cookie')),
      experiment: maybe(fc.constantFrom('exp-1', '')),
    })
    .map(({ bucketing, cuts, variations, sticky, experiment }) => {
      const total = bucketing.total ?? 100_000;
      const ends = [...cuts.map((share) => Math.round(share * total)).sort((a, b) => a - b), total];
      const slices = ends.map((end, index) => [variations[index] ?? '', end - (ends[index - 1] ?? 0)] as const);
      return present({ ...bucketing, slices, sticky, experiment }) as Split;
    });
}

function progressArbitrary(names: readonly string[]): fc.Arbitrary<Progress> {
  return fc
    .record({
      bucketing: bucketingArbitrary,
      instants: fc.array(nowArbitrary, { minLength: 1, maxLength: 4 }),
      widths: fc.array(shares, { minLength: 4, maxLength: 4 }),
      from: fc.constantFrom(...names),
      to: fc.constantFrom(...names),
    })
    .map(({ bucketing, instants, widths, from, to }) => {
      const total = bucketing.total ?? 100_000;
      const points = [...instants]
        .sort((a, b) => a - b)
        .map((at, index) => [new Date(at).toISOString(), Math.round((widths[index] ?? 0) * total)] as const);
      return { ...bucketing, from, to, points };
    });
}

function serveArbitrary(names: readonly string[]): fc.Arbitrary<Serve> {
  return fc.oneof(
    fc.record({ variation: fc.constantFrom(...names) }),
    fc.record({ split: splitArbitrary(names) }),
    fc.record({ progress: progressArbitrary(names) }),
  );
}

function targetArbitrary(names: readonly string[]): fc.Arbitrary<Target> {
  return fc
    .record({
      variation: fc.constantFrom(...names),
      keys: fc.subarray([...UNITS]),
      by: maybe(fc.constantFrom(...UNIT_PATHS)),
    })
    .map((target) => present(target) as Target);
}

function flagArbitrary(key: string, earlier: readonly string[], segments: readonly string[]): fc.Arbitrary<Flag> {
  const typed = fc.constantFrom<FlagType>('boolean', 'string', 'number', 'object').chain((type) =>
    fc.record({
      type: fc.constant(type),
      variations: fc
        .subarray([...VARIATIONS], { minLength: 1 })
        .chain((names) =>
          fc.tuple(...names.map((name) => fc.record({ name: fc.constant(name), value: VALUES[type] }))),
        ),
    }),
  );
  return typed.chain(({ type, variations }) => {
    const names = variations.map(({ name }) => name);
    const rule = fc.record({ when: conditionArbitrary(segments, 2), serve: serveArbitrary(names) });
    const prerequisite: fc.Arbitrary<Prerequisite> = fc.record({
      // Some are missing, and such a flag is sound: it serves `off`.
      flag: fc.constantFrom(...earlier, ...earlier, ...earlier, 'missing'),
      variations: fc.oneof(fc.constant(VARIATIONS), fc.subarray([...VARIATIONS], { minLength: 1 })),
    });
    return fc
      .record({
        ...header,
        enabled: fc.integer({ min: 0, max: 9 }).map((dice) => dice > 0),
        off: fc.constantFrom(...names),
        prerequisites: fc.oneof(
          { weight: 3, arbitrary: fc.constant(undefined) },
          { weight: earlier.length, arbitrary: fc.array(prerequisite, { maxLength: 2 }) },
        ),
        targets: maybe(fc.array(targetArbitrary(names), { maxLength: 3 })),
        rules: fc.array(rule, { maxLength: 3 }),
        fallthrough: serveArbitrary(names),
        salt: maybe(fc.constantFrom('salt', '☂')),
        client: maybe(fc.constantFrom<boolean | 'evaluated'>(true, false, 'evaluated')),
        requires: maybe(fc.subarray(['targets', 'rules'])),
        metadata: maybe(fc.constant({ team: 'growth', weight: 1 })),
      })
      .map((flag) => {
        const rules = flag.rules.map((each, index) => ({ id: `${key}-${index}`, ...each }));
        return present({ key, type, variations, ...flag, rules }) as Flag;
      });
  });
}

function segmentArbitrary(key: string, earlier: readonly string[]): fc.Arbitrary<Segment> {
  const list = maybe(fc.subarray([...UNITS]));
  return fc
    .record({
      ...header,
      include: list,
      exclude: list,
      rules: maybe(fc.array(conditionArbitrary(earlier, 1), { maxLength: 2 })),
      by: maybe(fc.constantFrom(...UNIT_PATHS)),
      client: maybe(fc.boolean()),
      external: fc.integer({ min: 0, max: 9 }).map((dice) => (dice === 0 ? true : undefined)),
    })
    .map((segment) => {
      const own = segment.external ? { include: undefined, exclude: undefined, rules: undefined } : {};
      return present({ key, ...segment, ...own }) as Segment;
    });
}

function entries<T>(
  keys: readonly string[],
  make: (key: string, earlier: readonly string[]) => fc.Arbitrary<T>,
): fc.Arbitrary<Readonly<Record<string, T>>> {
  return fc
    .tuple(...keys.map((key, index) => make(key, keys.slice(0, index))))
    .map((made) => Object.fromEntries(made.map((entry, index) => [keys[index], entry])));
}

/**
 * A sound ruleset of five flags and three segments that refer to earlier ones, of every kind of condition, operator,
 * split, rollout, target and prerequisite. Keys and variations have names that prototypes have.
 */
export const rulesetArbitrary: fc.Arbitrary<Ruleset> = fc.record({
  format: fc.constant(1 as const),
  environment: fc.constantFrom('production', 'test'),
  epoch: fc.constant('0mb5x7q2k4'),
  version: fc.integer({ min: 0, max: 1000 }),
  segments: entries(SEGMENT_KEYS, segmentArbitrary),
  flags: entries(FLAG_KEYS, (key, earlier) => flagArbitrary(key, earlier, SEGMENT_KEYS)),
});

/** The key of one of the flags of a random ruleset, or of none. */
export const flagKeyArbitrary: fc.Arbitrary<string> = fc.constantFrom(...FLAG_KEYS, 'missing');
