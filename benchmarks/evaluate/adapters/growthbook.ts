import { GrowthBookClient } from '@growthbook/growthbook';
import type { FeatureApiResponse, UserContext } from '@growthbook/growthbook';
import type { Adapter } from '../adapter.ts';
import type { Demand, Environment, NeutralFlag, Serve, Value } from '../neutral.ts';
import { isShares } from '../neutral.ts';

function condition(demand: Demand): Readonly<Record<string, unknown>> {
  if ('segment' in demand) return { id: { $inGroup: demand.segment } };
  if ('isOneOf' in demand) return { [demand.attribute]: { $in: demand.isOneOf } };
  if ('endsWith' in demand) return { email: { $regex: `${demand.endsWith.replaceAll('.', '\\.')}$` } };
  if ('isAbove' in demand) return { age: { $gt: demand.isAbove } };
  return { version: { $vgte: demand.isAtLeast } };
}

function toFeature({ key, isOn, off, needs, rules, otherwise }: NeutralFlag): object {
  if (!isOn) return { defaultValue: off, rules: [] };
  const serve = (served: Serve): object => {
    if (!isShares(served)) return { force: served };
    const [variations, weights] = [served.map(([value]) => value), served.map(([, percent]) => percent / 100)];
    return { key, variations, weights, coverage: 1, hashAttribute: 'id', hashVersion: 2, seed: key };
  };
  const gate =
    needs === undefined ? [] : [{ parentConditions: [{ id: needs, condition: { value: true }, gate: true }] }];
  const own = rules.map((rule) => ({
    condition: Object.assign({}, ...rule.when.map(condition)) as object,
    ...serve(rule.serve),
  }));
  const last = isShares(otherwise) ? [serve(otherwise)] : [];
  return { defaultValue: isShares(otherwise) ? off : otherwise, rules: [...gate, ...own, ...last] };
}

function payloadOf({ flags, segments }: Environment): string {
  return JSON.stringify({
    features: Object.fromEntries(flags.map((flag) => [flag.key, toFeature(flag)])),
    savedGroups: Object.fromEntries(segments.map(({ name, keys }) => [name, keys])),
  });
}

/** Reads flags one by one where all are asked for: it has no call for that. */
export const adapter: Adapter<UserContext, Map<string, Value>> = {
  name: 'GrowthBook',
  package: '@growthbook/growthbook',
  role: 'peer',
  payload: payloadOf,
  change: payloadOf,
  load: (text) => {
    const parse = (from: string): FeatureApiResponse => JSON.parse(from) as FeatureApiResponse;
    const client = new GrowthBookClient().initSync({ payload: parse(text) });
    const all = (context: UserContext): Map<string, Value> => {
      const values = new Map<string, Value>();
      for (const key in client.getFeatures()) values.set(key, client.evalFeature(key, context).value as Value);
      return values;
    };
    return {
      context: ({ key, country, plan, email, age, version }) => ({
        attributes: { id: key, country, plan, email, age, version },
      }),
      boolean: (key, context) => client.isOn(key, context),
      text: (key, context) => client.getFeatureValue(key, '', context),
      all,
      pick: (values, key) => values.get(key) ?? false,
      update: (change) => client.setPayload(parse(change)),
      close: () => client.destroy(),
    };
  },
};
