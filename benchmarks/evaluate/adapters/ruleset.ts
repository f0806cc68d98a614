import type { Condition, Flag, Ruleset, Serve as Served } from '@flags/core';
import type { Demand, Environment, NeutralFlag, Serve } from '../neutral.ts';
import { isShares, valuesOf } from '../neutral.ts';

const HEADER = { version: 1, digest: '0'.repeat(64) };

function condition(demand: Demand): Condition {
  if ('segment' in demand) return demand;
  if ('isOneOf' in demand) return { attr: demand.attribute, op: 'in', values: demand.isOneOf };
  if ('endsWith' in demand) return { attr: 'email', op: 'endsWith', values: [demand.endsWith] };
  if ('isAbove' in demand) return { attr: 'age', op: 'gt', values: [demand.isAbove] };
  return { attr: 'version', op: 'verGte', values: [demand.isAtLeast] };
}

function served(serve: Serve): Served {
  if (!isShares(serve)) return { variation: String(serve) };
  return { split: { slices: serve.map(([value, percent]) => [String(value), percent * 1_000] as const) } };
}

/** A flag in our format. */
export function toFlag(flag: NeutralFlag): Flag {
  return {
    key: flag.key,
    ...HEADER,
    type: flag.kind,
    enabled: flag.isOn,
    variations: valuesOf(flag).map((value) => ({ name: String(value), value })),
    off: String(flag.off),
    ...(flag.needs === undefined ? {} : { prerequisites: [{ flag: flag.needs, variations: ['true'] }] }),
    rules: flag.rules.map(({ when, serve }, at) => ({
      id: `rule-${at}`,
      when: { all: when.map(condition) },
      serve: served(serve),
    })),
    fallthrough: served(flag.otherwise),
  };
}

/** All of it in our format. */
export function toRuleset({ flags, segments }: Environment): Ruleset {
  return {
    format: 1,
    environment: 'benchmark',
    epoch: '01j9zk3w7qx4m2tb',
    version: 1,
    flags: Object.fromEntries(flags.map((flag) => [flag.key, toFlag(flag)])),
    segments: Object.fromEntries(segments.map(({ name, keys }) => [name, { key: name, ...HEADER, include: keys }])),
  };
}
