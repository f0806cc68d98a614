import { bucketOf, sliceOf, TEXTS, widthAt } from './oracle.ts';

type Members = Readonly<Record<string, unknown>>;
type Slices = readonly (readonly [name: string, width: number])[];

export interface EvaluationCase {
  readonly flag: string;
  readonly context: Members;
  readonly now: number;
  readonly variant: string | null;
  readonly reason: string;
  readonly ruleId?: string;
  readonly experiment?: string;
  readonly errorCode?: string;
}

export interface EvaluationVectors {
  readonly ruleset: Members;
  readonly cases: readonly EvaluationCase[];
}

const NOW = Date.UTC(2026, 0, 5, 12);
const UNITS = TEXTS.filter((text) => text !== '');
const NO_UNIT = { variant: null, reason: 'ERROR', errorCode: 'TARGETING_KEY_MISSING' };
const NAMES = ['on', 'off', 'third'];

function flag(key: string, fallthrough: unknown, parts: Members = {}): Members {
  const variations = NAMES.map((name) => ({ name, value: name }));
  const header = { key, version: 1, digest: '', type: 'string', enabled: true, variations, off: 'off' };
  return { ...header, rules: [], fallthrough, ...parts };
}

/** A flag that splits its units. */
interface Bucketed {
  readonly key: string;
  readonly split: {
    readonly slices: Slices;
    readonly salt?: string;
    readonly total?: number;
    readonly experiment?: string;
  };
  readonly parts?: { readonly salt: string };
}

const FULL: Slices = [['on', 100_000]];
const HALF: Slices = [
  ['on', 50_000],
  ['off', 50_000],
];

const SPLITS: readonly Bucketed[] = [
  {
    key: 'zero',
    split: {
      slices: [
        ['on', 0],
        ['off', 100_000],
      ],
    },
  },
  {
    key: 'one',
    split: {
      slices: [
        ['on', 1000],
        ['off', 99_000],
      ],
    },
  },
  {
    key: 'thirds',
    split: {
      slices: [
        ['on', 33_333],
        ['off', 33_333],
        ['third', 33_334],
      ],
    },
  },
  { key: 'full', split: { slices: FULL } },
  {
    key: 'empty-end',
    split: {
      slices: [
        ['off', 0],
        ['on', 100_000],
        ['third', 0],
      ],
    },
  },
  {
    key: 'repeated',
    split: {
      slices: [
        ['on', 20_000],
        ['off', 30_000],
        ['on', 10_000],
        ['third', 40_000],
      ],
    },
  },
  { key: 'salted-flag', split: { slices: HALF }, parts: { salt: 'pepper' } },
  { key: 'salted-split', split: { slices: HALF, salt: 'λ' }, parts: { salt: 'pepper' } },
  {
    key: 'total-ten',
    split: {
      slices: [
        ['on', 3],
        ['off', 7],
      ],
      total: 10,
    },
  },
  {
    key: 'total-most',
    split: {
      slices: [
        ['on', 349_525],
        ['off', 699_051],
      ],
      total: 1_048_576,
    },
  },
  { key: 'total-one', split: { slices: [['third', 1]], total: 1 } },
  { key: 'experiment', split: { slices: HALF, experiment: 'exp-1' } },
];

function splitCases({ key, split, parts }: Bucketed): readonly EvaluationCase[] {
  const { salt = parts?.salt ?? key, total = 100_000, experiment } = split;
  return UNITS.map((targetingKey) => {
    const variant = sliceOf(split.slices, bucketOf(salt, targetingKey, total));
    const answer = { variant, reason: 'SPLIT', ...(experiment && { experiment }) };
    return { flag: key, context: { targetingKey }, now: NOW, ...answer };
  });
}

/** Units that are no plain targeting key. */
function unitCases(): readonly EvaluationCase[] {
  const served = (key: string, context: Members, unit: string): EvaluationCase => {
    return { flag: key, context, now: NOW, variant: sliceOf(HALF, bucketOf(key, unit, 100_000)), reason: 'SPLIT' };
  };
  const missing = (key: string, context: Members): EvaluationCase => ({ flag: key, context, now: NOW, ...NO_UNIT });
  return [
    ...[0, 7, 42, -42, 9_007_199_254_740_991].map((id) => served('by-org', { org: { id } }, String(id))),
    served('by-org', { org: { id: 'acme' }, targetingKey: 'ann' }, 'acme'),
    ...['', 1.5, 9_007_199_254_740_992, true, null, ['acme'], {}].map((id) => missing('by-org', { org: { id } })),
    missing('by-org', { targetingKey: 'ann', 'org.id': 'acme' }),
    missing('by-org', {}),
    ...['', null, 4.2, false].map((targetingKey) => missing('full', { targetingKey })),
  ];
}

/** A sticky attribute decides when it names a variation of the split, else the bucket does. */
function stickyCases(): readonly EvaluationCase[] {
  const fresh = sliceOf(HALF, bucketOf('sticky', 'user-1', 100_000));
  const served = (context: Members, variant: string): EvaluationCase => {
    return { flag: 'sticky', context, now: NOW, variant, reason: 'SPLIT' };
  };
  return [
    served({ targetingKey: 'user-1', seen: { sticky: 'on' } }, 'on'),
    served({ targetingKey: 'user-1', seen: { sticky: 'off' } }, 'off'),
    served({ seen: { sticky: 'on' } }, 'on'),
    // Not in the slices, though a variation of the flag; or no variation at all.
    ...['third', 'gone', 1, null].map((kept) => served({ targetingKey: 'user-1', seen: { sticky: kept } }, fresh)),
    { flag: 'sticky', context: { seen: { sticky: 'third' } }, now: NOW, ...NO_UNIT },
  ];
}

const POINTS = [
  ['2026-01-01T00:00:00Z', 0],
  ['2026-01-02T00:00:00Z', 10_000],
  ['2026-01-03T00:00:00Z', 10_000],
  ['2026-01-03T00:00:00Z', 60_000],
  ['2026-01-04T01:00:00+01:00', 33_333],
  ['2026-01-05T00:00:00Z', 100_000],
] as const;

function progressCases(): readonly EvaluationCase[] {
  const hour = 3_600_000;
  const start = Date.parse(POINTS[0][0]);
  const moments = [-1, 0, 1, 7 * hour, 24 * hour - 1, 24 * hour, 47 * hour, 48 * hour - 1, 48 * hour, 48 * hour + 1];
  moments.push(61 * hour + 1, 72 * hour, 83 * hour + 777, 96 * hour - 1, 96 * hour, 2000 * hour);
  return moments.flatMap((after) =>
    UNITS.slice(0, 12).map((targetingKey) => {
      const now = start + after;
      const variant = bucketOf('progress', targetingKey, 100_000) < widthAt(POINTS, now) ? 'on' : 'off';
      return { flag: 'progress', context: { targetingKey }, now, variant, reason: 'SPLIT' };
    }),
  );
}

const range = (from: number, to: number): Members => ({ bucket: { salt: 'layer', from, to } });
const LAYERS = { 'layer-a': [0, 30_000], 'layer-b': [30_000, 100_000] } as const;

/** Two flags in one layer, and one that a holdout keeps from a tenth. */
function layerCases(): readonly EvaluationCase[] {
  return UNITS.flatMap((targetingKey) => {
    const bucket = bucketOf('layer', targetingKey, 100_000);
    const served = (key: string, inside: boolean): EvaluationCase => ({
      flag: key,
      context: { targetingKey },
      now: NOW,
      variant: inside ? 'on' : 'off',
      ...(inside ? { reason: 'TARGETING_MATCH', ruleId: 'range' } : { reason: 'DEFAULT' }),
    });
    return [
      ...Object.entries(LAYERS).map(([key, [from, to]]) => served(key, bucket >= from && bucket < to)),
      served('holdout', bucket >= 10_000),
    ];
  });
}

const ranged = (key: string, when: Members): Members =>
  flag(key, { variation: 'off' }, { rules: [{ id: 'range', when, serve: { variation: 'on' } }] });

/** Everything that a bucket decides. */
export function evaluationVectors(): EvaluationVectors {
  const flags = [
    ...SPLITS.map(({ key, split, parts }) => flag(key, { split }, parts)),
    flag('by-org', { split: { slices: HALF, by: 'org.id' } }),
    flag('sticky', { split: { slices: HALF, sticky: 'seen.sticky' } }),
    flag('progress', { progress: { from: 'off', to: 'on', points: POINTS } }),
    ...Object.entries(LAYERS).map(([key, [from, to]]) => ranged(key, range(from, to))),
    ranged('holdout', { not: range(0, 10_000) }),
  ];
  const members = Object.fromEntries(flags.map((each) => [each['key'], each]));
  const noUnit = { flag: 'holdout', context: {}, now: NOW, variant: 'off', reason: 'DEFAULT' };
  return {
    ruleset: { format: 1, environment: 'vectors', epoch: 'e1', version: 1, flags: members, segments: {} },
    cases: [
      ...SPLITS.flatMap(splitCases),
      ...unitCases(),
      ...stickyCases(),
      ...progressCases(),
      ...layerCases(),
      noUnit,
      { ...noUnit, flag: 'layer-a' },
    ],
  };
}
