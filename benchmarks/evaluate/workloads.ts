import type { Demand, Environment, NeutralFlag, Rule, User } from './neutral.ts';

/** What is measured: flags, users, and one read that is repeated. */
export interface Workload {
  readonly name: string;
  readonly what: string;
  readonly environment: Environment;
  readonly users: readonly User[];
  /** `one`: the last flag; `fresh`: the same, with a context made for each read; `any`: one flag after the other; `all`: every flag at once. */
  readonly reading: 'one' | 'fresh' | 'any' | 'all';
  /** The share of users in per cent that has to get `true`, within four standard deviations. */
  readonly share?: number;
}

const COUNTRIES = ['DE', 'FR', 'US', 'GB', 'JP', 'BR', 'IN', 'CN', 'ES', 'IT'] as const;
const PLANS = ['free', 'pro', 'enterprise'] as const;

function user(i: number): User {
  return {
    key: `user-${String(i).padStart(6, '0')}`,
    country: COUNTRIES[i % 10] ?? 'DE',
    plan: PLANS[i % 3] ?? 'free',
    email: `someone-${i}@example.${i % 4 === 0 ? 'com' : 'org'}`,
    age: 18 + (i % 60),
    version: `${i % 5}.${i % 13}.${i % 7}`,
  };
}

function flag(key: string, members: Partial<NeutralFlag>): NeutralFlag {
  return { key, kind: 'boolean', isOn: true, off: false, rules: [], otherwise: false, ...members };
}

const HALF = [
  [true, 50],
  [false, 50],
] as const;

/** Ten rules of two demands each; the eighth is the first that `MATCHING` meets. */
function tenRules(value: true | string = true): readonly Rule[] {
  const seconds: readonly Demand[] = [
    { attribute: 'plan', isOneOf: ['gold'] },
    { attribute: 'email', endsWith: '@flags.example' },
    { attribute: 'age', isAbove: 99 },
    { attribute: 'version', isAtLeast: '9.0.0' },
  ];
  return Array.from({ length: 10 }, (_, i) => {
    const last = i === 7 ? ({ attribute: 'plan', isOneOf: ['pro'] } as const) : seconds[i % 4];
    const countries: Demand = { attribute: 'country', isOneOf: ['DE', 'FR', 'ES', 'IT', i === 6 ? 'NL' : 'AT'] };
    return { when: last === undefined ? [countries] : [countries, last], serve: value };
  });
}

const MATCHING: User = { ...user(0), country: 'DE', plan: 'pro' };

/** A flag of one of the ten kinds that a product has. Prerequisites are left out, since half of the SDKs have none. */
function mixed(i: number): NeutralFlag {
  const key = `flag-${i}`;
  const pro: Demand = { attribute: 'plan', isOneOf: ['pro', 'enterprise'] };
  switch (i % 10) {
    case 0:
      return flag(key, { isOn: false, otherwise: true });
    case 1:
      return flag(key, { otherwise: true });
    case 2:
      return flag(key, { otherwise: HALF });
    case 3:
      return flag(key, { rules: tenRules().slice(5, 8) });
    case 4:
      return flag(key, { rules: [{ when: [{ segment: 'beta' }], serve: true }], otherwise: HALF });
    case 5:
      return flag(key, { rules: [{ when: [pro], serve: true }] });
    case 6:
      return flag(key, {
        kind: 'string',
        off: 'a',
        otherwise: [
          ['a', 50],
          ['b', 30],
          ['c', 20],
        ],
      });
    case 7:
      return flag(key, { kind: 'string', off: 'a', rules: tenRules('b').slice(6, 8), otherwise: 'a' });
    case 8: {
      const old: Demand = { attribute: 'age', isAbove: 60 };
      return flag(key, { rules: [{ when: [old, { attribute: 'version', isAtLeast: '2.0.0' }], serve: true }] });
    }
    default:
      return flag(key, { kind: 'string', off: 'a', otherwise: 'b' });
  }
}

const betaKeys = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => user(i * 2).key);

/** So many flags of mixed kinds, and a segment of 500 users. */
export function mixedEnvironment(count: number): Environment {
  return {
    flags: Array.from({ length: count }, (_, i) => mixed(i)),
    segments: [{ name: 'beta', keys: betaKeys(500) }],
  };
}

/** A user of `mixedEnvironment`. */
export const anyUser: User = user(17);

/** All of it, as the plan of the benchmark names it. With `isQuick` everything is there and small. */
export function workloads(isQuick: boolean): readonly Workload[] {
  const users = Array.from({ length: isQuick ? 400 : 10_000 }, (_, i) => user(i));
  const one = (...flags: readonly NeutralFlag[]): Environment => ({ flags, segments: [] });
  const half = one(flag('half', { otherwise: HALF }));
  const rules = one(flag('rules', { rules: tenRules() }));
  const chain = [1, 2, 3].map((i) => flag(`link-${i}`, { needs: `link-${i - 1}`, otherwise: true }));
  const few = users.slice(0, 100);
  const many = isQuick ? 50 : 1_000;
  return [
    {
      name: 'W1',
      what: 'a flag that is off',
      environment: one(flag('off', { isOn: false, otherwise: true })),
      users: [MATCHING],
      reading: 'one',
    },
    { name: 'W2', what: 'a 50 % rollout', environment: half, users, reading: 'one', share: 50 },
    { name: 'W2c', what: '… with a new context each time', environment: half, users, reading: 'fresh' },
    { name: 'W3', what: 'the 8th of 10 rules', environment: rules, users: [MATCHING], reading: 'one', share: 100 },
    { name: 'W3c', what: '… with a new context each time', environment: rules, users: [MATCHING], reading: 'fresh' },
    {
      name: 'W4',
      what: 'a segment of 10 000 users',
      environment: {
        flags: [flag('beta', { rules: [{ when: [{ segment: 'beta' }], serve: true }] })],
        segments: [{ name: 'beta', keys: betaKeys(users.length) }],
      },
      users,
      reading: 'one',
      share: 50,
    },
    {
      name: 'W5a',
      what: 'all of 100 flags',
      environment: mixedEnvironment(isQuick ? 20 : 100),
      users: few,
      reading: 'all',
    },
    {
      name: 'W5b',
      what: 'all of 1 000 flags',
      environment: mixedEnvironment(many),
      users: few,
      reading: 'all',
    },
    {
      name: 'W6',
      what: 'a chain of 3 prerequisites',
      environment: one(flag('link-0', { otherwise: true }), ...chain),
      users: [MATCHING],
      reading: 'one',
      share: 100,
    },
    {
      name: 'W7',
      what: 'any of 1 000 flags for any of 1 000 users',
      environment: mixedEnvironment(many),
      users: users.slice(0, 1_000),
      reading: 'any',
    },
  ];
}
