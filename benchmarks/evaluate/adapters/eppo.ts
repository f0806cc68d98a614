import { EppoClient, FormatEnum, MemoryOnlyConfigurationStore, VariationType } from '@eppo/js-client-sdk-common';
import type { Attributes, Flag } from '@eppo/js-client-sdk-common';
import { NO_OP_EVENT_DISPATCHER } from '@eppo/node-server-sdk';
import type { Adapter } from '../adapter.ts';
import type { Demand, Environment, NeutralFlag, NeutralSegment, Rule, Value } from '../neutral.ts';
import { isShares, valuesOf } from '../neutral.ts';

interface Context {
  readonly key: string;
  readonly attributes: Attributes;
}

function condition(demand: Demand, segments: readonly NeutralSegment[]): object {
  if ('segment' in demand) {
    const value = segments.find(({ name }) => name === demand.segment)?.keys ?? [];
    return { operator: 'ONE_OF', attribute: 'id', value };
  }
  if ('isOneOf' in demand) return { operator: 'ONE_OF', attribute: demand.attribute, value: demand.isOneOf };
  if ('endsWith' in demand) {
    return { operator: 'MATCHES', attribute: 'email', value: `${demand.endsWith.replaceAll('.', '\\.')}$` };
  }
  if ('isAbove' in demand) return { operator: 'GT', attribute: 'age', value: demand.isAbove };
  return { operator: 'GTE', attribute: 'version', value: demand.isAtLeast };
}

function allocation({ key }: NeutralFlag, { when, serve }: Rule, at: number, segments: readonly NeutralSegment[]) {
  let start = 0;
  const shares = isShares(serve) ? serve : ([[serve, 100]] as const);
  const splits = shares.map(([value, percent]) => {
    const range = { start, end: start + percent * 100 };
    start = range.end;
    return { variationKey: String(value), shards: shares.length === 1 ? [] : [{ salt: key, ranges: [range] }] };
  });
  const rules = when.length === 0 ? [] : [{ conditions: when.map((demand) => condition(demand, segments)) }];
  return { key: `${key}-${at}`, rules, splits, doLog: false };
}

/** Its Node SDK is a thin start of this client, and starts over the network alone. Reads flags one by one where all are asked for. */
export const adapter: Adapter<Context, Map<string, Value>> = {
  name: 'Eppo',
  package: '@eppo/node-server-sdk',
  role: 'peer',
  cannot: { W6: 'flags cannot depend on flags' },
  payload: ({ flags, segments }: Environment) => {
    const entries = flags.map((flag) => {
      const rules = [...flag.rules, { when: [], serve: flag.otherwise }];
      const values = valuesOf(flag).map((value) => [String(value), { key: String(value), value }] as const);
      const entry = {
        key: flag.key,
        enabled: flag.isOn,
        variationType: flag.kind === 'boolean' ? 'BOOLEAN' : 'STRING',
        variations: Object.fromEntries(values),
        allocations: rules.map((rule, at) => allocation(flag, rule, at, segments)),
        totalShards: 10_000,
      };
      return [flag.key, entry] as const;
    });
    return JSON.stringify({ flags: Object.fromEntries(entries) });
  },
  load: async (text) => {
    const { flags } = JSON.parse(text) as { readonly flags: Record<string, Flag> };
    const store = new MemoryOnlyConfigurationStore<Flag>();
    store.setFormat(FormatEnum.SERVER);
    await store.setEntries(flags);
    const client = new EppoClient({ flagConfigurationStore: store, eventDispatcher: NO_OP_EVENT_DISPATCHER });
    const boolean = (key: string, { key: subject, attributes }: Context): boolean =>
      client.getBooleanAssignment(key, subject, attributes, false);
    const string = (key: string, { key: subject, attributes }: Context): string =>
      client.getStringAssignment(key, subject, attributes, '');
    const kinds = Object.entries(flags).map(
      ([key, { variationType }]) => [key, variationType === VariationType.STRING] as const,
    );
    return {
      context: ({ key, country, plan, email, age, version }) => ({
        key,
        attributes: { country, plan, email, age, version },
      }),
      boolean,
      text: string,
      all: (context) => {
        const all = new Map<string, Value>();
        for (const [key, isText] of kinds) all.set(key, isText ? string(key, context) : boolean(key, context));
        return all;
      },
      pick: (all, key) => all.get(key) ?? false,
    };
  },
};
