import { EventEmitter } from 'node:events';
import { Unleash } from 'unleash-client';
import type { Adapter } from '../adapter.ts';
import type { Demand, Environment, NeutralFlag, Serve, Value } from '../neutral.ts';
import { isShares } from '../neutral.ts';

type Repository = NonNullable<ConstructorParameters<typeof Unleash>[0]['repository']>;
type Feature = NonNullable<ReturnType<Repository['getToggle']>>;
type Segment = NonNullable<ReturnType<Repository['getSegment']>>;
type Context = Parameters<Unleash['isEnabled']>[1] & object;

interface Payload {
  readonly features: readonly Feature[];
  readonly segments: readonly Segment[];
}

function constraint(demand: Exclude<Demand, { readonly segment: string }>): object {
  if ('isOneOf' in demand) return { contextName: demand.attribute, operator: 'IN', values: demand.isOneOf };
  if ('endsWith' in demand) return { contextName: 'email', operator: 'STR_ENDS_WITH', values: [demand.endsWith] };
  if ('isAbove' in demand) return { contextName: 'age', operator: 'NUM_GT', value: String(demand.isAbove) };
  return { contextName: 'version', operator: 'SEMVER_GTE', value: demand.isAtLeast };
}

function strategy(flag: NeutralFlag, when: readonly Demand[], serve: Serve, segments: readonly string[]): object {
  const share = (value: Value, percent: number): object => ({
    name: String(value),
    weight: percent * 10,
    weightType: 'variable',
    stickiness: 'userId',
    payload: { type: 'string', value: String(value) },
  });
  const shares = isShares(serve) ? serve : ([[serve, 100]] as const);
  const rollout = flag.kind === 'boolean' ? (shares.find(([value]) => value === true)?.[1] ?? 0) : 100;
  return {
    name: 'flexibleRollout',
    parameters: { rollout: String(rollout), stickiness: 'userId', groupId: flag.key },
    constraints: when.flatMap((demand) => ('segment' in demand ? [] : [constraint(demand)])),
    segments: when.flatMap((demand) => ('segment' in demand ? [segments.indexOf(demand.segment)] : [])),
    ...(flag.kind === 'string' ? { variants: shares.map(([value, percent]) => share(value, percent)) } : {}),
  };
}

// What the SDK's own repository holds, without its requests: maps of features and segments.
function repositoryOf({ features, segments }: Payload): Repository {
  const byName = new Map(features.map((feature) => [feature.name, feature]));
  const byId = new Map(segments.map((segment) => [segment.id, segment]));
  return Object.assign(new EventEmitter(), {
    getToggle: (name: string) => byName.get(name),
    getToggles: () => [...byName.values()],
    getTogglesWithSegmentData: () => [],
    getSegment: (id: number) => byId.get(id),
    start: () => Promise.resolve(),
    stop: () => {},
  });
}

/** Reads flags one by one where all are asked for: it has no call for that. */
export const adapter: Adapter<Context, Map<string, Value>> = {
  name: 'Unleash',
  package: 'unleash-client',
  role: 'peer',
  cannot: { W6: 'a flag that others depend on may not depend on a flag itself' },
  payload: ({ flags, segments }: Environment) => {
    const names = segments.map(({ name }) => name);
    const features = flags.map((flag) => {
      const rules = [...flag.rules, ...(flag.otherwise === false ? [] : [{ when: [], serve: flag.otherwise }])];
      const strategies = rules.map(({ when, serve }) => strategy(flag, when, serve, names));
      return { name: flag.key, enabled: flag.isOn, strategies, variants: [], dependencies: [] };
    });
    const constraints = (keys: readonly string[]): readonly object[] => [
      { contextName: 'userId', operator: 'IN', values: keys },
    ];
    return JSON.stringify({
      features,
      segments: segments.map(({ keys }, id) => ({ id, constraints: constraints(keys) })),
    });
  },
  load: (text) => {
    const payload = JSON.parse(text) as Payload;
    const repository = repositoryOf(payload);
    const client = new Unleash({
      appName: 'benchmark',
      url: 'http://localhost/',
      repository,
      disableMetrics: true,
      disableAutoStart: true,
      skipInstanceCountWarning: true,
    });
    repository.emit('ready');
    const isText = new Map(
      payload.features.map(({ name, strategies }) => [name, strategies?.[0]?.variants !== undefined]),
    );
    const variant = (key: string, context: Context): string => client.getVariant(key, context).payload?.value ?? '';
    return {
      context: ({ key, country, plan, email, age, version }) => ({
        userId: key,
        properties: { country, plan, email, age, version },
      }),
      boolean: (key, context) => client.isEnabled(key, context),
      text: variant,
      all: (context) => {
        const all = new Map<string, Value>();
        for (const [key, is] of isText) all.set(key, is ? variant(key, context) : client.isEnabled(key, context));
        return all;
      },
      pick: (all, key) => all.get(key) ?? false,
      close: () => client.destroy(),
    };
  },
};
