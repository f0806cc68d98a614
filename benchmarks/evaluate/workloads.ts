import type { EvaluationContext, Flag, Json, Ruleset, Rule, Segment } from '@flags/core';

/** What is measured: a ruleset, and one read that is repeated. */
export interface Workload {
  readonly name: string;
  readonly what: string;
  readonly ruleset: Ruleset;
  /** Which flag and which user the i-th read is about; `undefined` reads all flags at once. */
  readonly key: ((i: number) => string) | undefined;
  readonly context: (i: number) => EvaluationContext;
  /** Says whether the answers of a run of reads are right. */
  readonly isRight: (on: number, reads: number) => boolean;
}

const HEADER = { version: 1, digest: '0'.repeat(64) };
const BOOLEAN = [
  { name: 'on', value: true },
  { name: 'off', value: false },
];

function flag(key: string, members: Partial<Flag>): Flag {
  const rest = {
    type: 'boolean',
    enabled: true,
    variations: BOOLEAN,
    off: 'off',
    rules: [],
    fallthrough: { variation: 'off' },
  } as const;
  return { key, ...HEADER, ...rest, ...members };
}

function ruleset(flags: readonly Flag[], segments: readonly Segment[] = []): Ruleset {
  return {
    format: 1,
    environment: 'benchmark',
    epoch: '01j9zk3w7qx4m2tb',
    version: 1,
    flags: Object.fromEntries(flags.map((entry) => [entry.key, entry])),
    segments: Object.fromEntries(segments.map((entry) => [entry.key, entry])),
  };
}

const half = {
  split: {
    slices: [
      ['on', 50_000],
      ['off', 50_000],
    ],
  },
} as const;

const COUNTRIES = ['DE', 'FR', 'US', 'GB', 'JP', 'BR', 'IN', 'CN', 'ES', 'IT'];
const PLANS = ['free', 'pro', 'enterprise'];

/** A user as the workloads see one. */
function user(i: number): EvaluationContext {
  return {
    targetingKey: `user-${String(i).padStart(6, '0')}`,
    country: COUNTRIES[i % 10],
    plan: PLANS[i % 3],
    email: `someone-${i}@example.${i % 4 === 0 ? 'com' : 'org'}`,
    age: 18 + (i % 60),
    appVersion: `${i % 5}.${i % 13}.${i % 7}`,
  };
}

const clause = (attr: string, op: 'eq' | 'in' | 'endsWith' | 'gt' | 'verGte', ...values: Json[]): Rule['when'] => ({
  attr,
  op,
  values,
});

/** Ten rules of two clauses; the eighth is the first that matches `MATCHING`. */
function tenRules(): Rule[] {
  const seconds = [
    clause('plan', 'eq', 'gold'),
    clause('email', 'endsWith', '@flags.example'),
    clause('age', 'gt', 99),
    clause('appVersion', 'verGte', '9.0.0'),
  ];
  return Array.from({ length: 10 }, (_, i) => {
    const last = i === 7 ? clause('plan', 'eq', 'pro') : seconds[i % 4]!;
    const when = { all: [clause('country', 'in', 'DE', 'FR', 'ES', 'IT', i === 6 ? 'NL' : 'AT'), last] };
    return { id: `rule-${i}`, when, serve: { variation: 'on' } };
  });
}

const MATCHING: EvaluationContext = { ...user(0), country: 'DE', plan: 'pro' };

/** A flag of one of the kinds that a product has. */
function mixed(i: number): Flag {
  const key = `flag-${i}`;
  if (i % 5 === 0) return flag(key, { enabled: i % 2 === 0, fallthrough: { variation: 'on' } });
  if (i % 5 === 1) return flag(key, { fallthrough: half });
  if (i % 5 === 2) return flag(key, { rules: tenRules().slice(i % 4, (i % 4) + 3) });
  if (i % 5 === 3)
    return flag(key, {
      rules: [{ id: 'beta', when: { segment: 'beta' }, serve: half }],
      targets: [{ variation: 'on', keys: [`user-${i}`] }],
    });
  return flag(key, {
    rules: [
      { id: 'pro', when: { any: [clause('plan', 'eq', 'pro'), clause('age', 'gt', 60)] }, serve: { variation: 'on' } },
    ],
  });
}

function segment(size: number): Segment {
  return { key: 'beta', ...HEADER, include: Array.from({ length: size }, (_, i) => user(i * 2).targetingKey!) };
}

const users = Array.from({ length: 10_000 }, (_, i) => user(i));
const anyUser = (i: number): EvaluationContext => users[i % users.length]!;
const share =
  (at: number) =>
  (on: number, reads: number): boolean =>
    Math.abs(on / reads - at) < 0.02;
const always = (on: number, reads: number): boolean => on === reads;
const never = (on: number): boolean => on === 0;
const some = (on: number, reads: number): boolean => on > 0 && on < reads;

const mixedRuleset = (count: number): Ruleset =>
  ruleset(
    Array.from({ length: count }, (_, i) => mixed(i)),
    [segment(100)],
  );

export const workloads: readonly Workload[] = [
  {
    name: 'W1',
    what: 'disabled flag',
    ruleset: ruleset([flag('f', { enabled: false })]),
    key: () => 'f',
    context: anyUser,
    isRight: never,
  },
  {
    name: 'W2',
    what: '50 % rollout',
    ruleset: ruleset([flag('f', { fallthrough: half })]),
    key: () => 'f',
    context: anyUser,
    isRight: share(0.5),
  },
  {
    name: 'W3',
    what: '10 rules × 2 clauses, 8th matches',
    ruleset: ruleset([flag('f', { rules: tenRules() })]),
    key: () => 'f',
    context: () => MATCHING,
    isRight: always,
  },
  {
    name: 'W4',
    what: 'segment of 10 000 keys, half hit',
    ruleset: ruleset(
      [flag('f', { rules: [{ id: 'beta', when: { segment: 'beta' }, serve: { variation: 'on' } }] })],
      [segment(5000)],
    ),
    key: () => 'f',
    context: anyUser,
    isRight: share(0.5),
  },
  {
    name: 'W5a',
    what: 'all of 100 flags',
    ruleset: mixedRuleset(100),
    key: undefined,
    context: anyUser,
    isRight: some,
  },
  {
    name: 'W5b',
    what: 'all of 1 000 flags',
    ruleset: mixedRuleset(1000),
    key: undefined,
    context: anyUser,
    isRight: some,
  },
  {
    name: 'W6',
    what: 'prerequisite chain of 3',
    ruleset: ruleset(
      Array.from({ length: 4 }, (_, i) =>
        flag(`f${i}`, {
          fallthrough: { variation: 'on' },
          ...(i ? { prerequisites: [{ flag: `f${i - 1}`, variations: ['on'] }] } : {}),
        }),
      ),
    ),
    key: () => 'f3',
    context: anyUser,
    isRight: always,
  },
  {
    name: 'W7',
    what: 'one of 1 000 flags, one of 1 000 users',
    ruleset: mixedRuleset(1000),
    key: (i) => `flag-${(i * 7) % 1000}`,
    context: (i) => users[(i * 13) % 1000]!,
    isRight: some,
  },
];
