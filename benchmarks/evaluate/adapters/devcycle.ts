import { generateBucketedConfig } from '@devcycle/bucketing';
import type { Adapter } from '../adapter.ts';
import type { Demand, Environment, NeutralFlag, NeutralSegment, Rule, Value } from '../neutral.ts';
import { isShares, valuesOf } from '../neutral.ts';

type Config = Parameters<typeof generateBucketedConfig>[0]['config'];
type Context = Parameters<typeof generateBucketedConfig>[0]['user'];
type All = ReturnType<typeof generateBucketedConfig>;

function filter(demand: Demand): object {
  const of = (subType: string, comparator: string, values: readonly unknown[], more: object = {}): object => ({
    type: 'user',
    subType,
    comparator,
    values,
    ...more,
  });
  const custom = (dataKey: string, dataKeyType: string): object => ({ dataKey, dataKeyType });
  if ('segment' in demand) return { type: 'audienceMatch', comparator: '=', _audiences: [demand.segment] };
  if ('isOneOf' in demand) {
    if (demand.attribute === 'country') return of('country', '=', demand.isOneOf);
    return of('customData', '=', demand.isOneOf, custom('plan', 'String'));
  }
  if ('endsWith' in demand) return of('email', 'endWith', [demand.endsWith]);
  if ('isAbove' in demand) return of('customData', '>', [demand.isAbove], custom('age', 'Number'));
  return of('appVersion', '>=', [demand.isAtLeast]);
}

function toFeature(flag: NeutralFlag): object {
  const variations = valuesOf(flag).map((value) => ({
    _id: `${flag.key}-${String(value)}`,
    key: String(value),
    name: String(value),
    variables: [{ _var: flag.key, value }],
  }));
  const target = ({ when, serve }: Rule, at: number): object => {
    const shares = isShares(serve) ? serve : ([[serve, 100]] as const);
    const filters = when.length === 0 ? [{ type: 'all' }] : when.map(filter);
    const part = (value: Value, percent: number): object => ({
      _variation: `${flag.key}-${String(value)}`,
      percentage: percent / 100,
    });
    const distribution = shares.map(([value, percent]) => part(value, percent));
    return { _id: `${flag.key}-${at}`, _audience: { filters: { operator: 'and', filters } }, distribution };
  };
  const targets = flag.isOn ? [...flag.rules, { when: [], serve: flag.otherwise }].map(target) : [];
  return { _id: flag.key, key: flag.key, type: 'release', variations, configuration: { _id: flag.key, targets } };
}

function toAudience({ keys }: NeutralSegment): object {
  return {
    filters: { operator: 'and', filters: [{ type: 'user', subType: 'user_id', comparator: '=', values: keys }] },
  };
}

/** The bucketing of its SDKs in JavaScript: it gives all flags of a user or none, so one read costs what all of them do. */
export const adapter: Adapter<Context, All> = {
  name: 'DevCycle',
  package: '@devcycle/bucketing',
  role: 'peer',
  cannot: { W6: 'flags cannot depend on flags' },
  payload: ({ flags, segments }: Environment) =>
    JSON.stringify({
      project: { _id: 'p', key: 'p', a0_organization: 'o', settings: {} },
      environment: { _id: 'e', key: 'e' },
      audiences: Object.fromEntries(segments.map((segment) => [segment.name, toAudience(segment)])),
      features: flags.map(toFeature),
      variables: flags.map(({ key, kind }) => ({ _id: key, key, type: kind === 'boolean' ? 'Boolean' : 'String' })),
    }),
  load: (text) => {
    const config = JSON.parse(text) as Config;
    const value = (all: All, key: string): Value | undefined => all.variables[key]?.value as Value | undefined;
    const all = (user: Context): All => generateBucketedConfig({ config, user });
    return {
      context: ({ key, country, plan, email, age, version }) => ({
        user_id: key,
        country,
        email,
        appVersion: version,
        customData: { plan, age },
        createdDate: new Date(0),
        lastSeenDate: new Date(0),
        platform: 'NodeJS',
        platformVersion: '24',
        sdkType: 'server',
        sdkVersion: '1',
      }),
      boolean: (key, user) => value(all(user), key) === true,
      text: (key, user) => String(value(all(user), key)),
      all,
      pick: (values, key) => value(values, key) ?? false,
    };
  },
};
