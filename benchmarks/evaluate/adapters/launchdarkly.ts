import { init } from '@launchdarkly/node-server-sdk';
import type { LDContext, LDFlagsState } from '@launchdarkly/node-server-sdk';
import { TestData } from '@launchdarkly/node-server-sdk/integrations';
import type { Adapter } from '../adapter.ts';
import type { Demand, Environment, NeutralFlag, Serve } from '../neutral.ts';
import { isShares, valuesOf } from '../neutral.ts';

interface Payload {
  readonly flags: readonly object[];
  readonly segments: readonly object[];
}

function clause(demand: Demand): object {
  const of = (attribute: string, op: string, values: readonly unknown[], negate = false): object => ({
    attribute,
    op,
    values,
    negate,
    contextKind: 'user',
  });
  if ('segment' in demand) return of('', 'segmentMatch', [demand.segment]);
  if ('isOneOf' in demand) return of(demand.attribute, 'in', demand.isOneOf);
  if ('endsWith' in demand) return of('email', 'endsWith', [demand.endsWith]);
  if ('isAbove' in demand) return of('age', 'greaterThan', [demand.isAbove]);
  return of('version', 'semVerLessThan', [demand.isAtLeast], true);
}

function toFlag(flag: NeutralFlag): object {
  const variations = valuesOf(flag);
  const serve = (served: Serve): object => {
    if (!isShares(served)) return { variation: variations.indexOf(served) };
    const weighted = served.map(([value, percent]) => ({
      variation: variations.indexOf(value),
      weight: percent * 1_000,
    }));
    return { rollout: { contextKind: 'user', variations: weighted } };
  };
  return {
    key: flag.key,
    version: 1,
    on: flag.isOn,
    salt: flag.key,
    variations,
    offVariation: 0,
    fallthrough: serve(flag.otherwise),
    rules: flag.rules.map((rule, at) => ({ id: `${at}`, clauses: rule.when.map(clause), ...serve(rule.serve) })),
    targets: [],
    prerequisites: flag.needs === undefined ? [] : [{ key: flag.needs, variation: 1 }],
  };
}

/** Its way to flags without a network is `TestData`, which copies each flag once more than a stream would. */
export const adapter: Adapter<LDContext, LDFlagsState> = {
  name: 'LaunchDarkly',
  package: '@launchdarkly/node-server-sdk',
  role: 'peer',
  isAsync: true,
  payload: ({ flags, segments }: Environment) =>
    JSON.stringify({
      flags: flags.map(toFlag),
      segments: segments.map(({ name, keys }) => ({ key: name, version: 1, included: keys, salt: name, rules: [] })),
    }),
  change: ({ flags }, key) => JSON.stringify(flags.filter((flag) => flag.key === key).map(toFlag)[0]),
  load: async (text) => {
    const { flags, segments } = JSON.parse(text) as Payload;
    const data = new TestData();
    for (const segment of segments) void data.usePreconfiguredSegment(segment);
    for (const flag of flags) void data.usePreconfiguredFlag(flag);
    const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const client = init('sdk-benchmark', {
      updateProcessor: data.getFactory(),
      sendEvents: false,
      diagnosticOptOut: true,
      logger: silent,
    });
    await client.waitForInitialization({ timeout: 10 });
    return {
      context: ({ key, country, plan, email, age, version }) => ({
        kind: 'user',
        key,
        country,
        plan,
        email,
        age,
        version,
      }),
      boolean: (key, context) => client.boolVariation(key, context, false),
      text: (key, context) => client.stringVariation(key, context, ''),
      all: (context) => client.allFlagsState(context),
      pick: (all, key) => all.getFlagValue(key) as boolean | string,
      update: async (change) => {
        await data.usePreconfiguredFlag(JSON.parse(change) as object);
      },
      close: () => client.close(),
    };
  },
};
