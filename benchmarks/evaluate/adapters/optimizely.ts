import { createInstance, createStaticProjectConfigManager, OptimizelyDecideOption } from '@optimizely/optimizely-sdk';
import type { OptimizelyDecision, OptimizelyUserContext } from '@optimizely/optimizely-sdk';
import type { Adapter } from '../adapter.ts';
import type { Demand, Environment, NeutralFlag, Rule, Value } from '../neutral.ts';
import { isShares } from '../neutral.ts';

type All = Readonly<Record<string, OptimizelyDecision>>;

function leaf(name: string, match: string, value: unknown): object {
  return { type: 'custom_attribute', name, match, value };
}

function conditions(demand: Demand, { segments }: Environment): readonly unknown[] {
  if ('segment' in demand) {
    const keys = segments.find(({ name }) => name === demand.segment)?.keys ?? [];
    return ['or', ...keys.map((key) => leaf('userKey', 'exact', key))];
  }
  if ('isOneOf' in demand) return ['or', ...demand.isOneOf.map((value) => leaf(demand.attribute, 'exact', value))];
  if ('endsWith' in demand) return ['and', leaf('email', 'substring', demand.endsWith)];
  if ('isAbove' in demand) return ['and', leaf('age', 'gt', demand.isAbove)];
  return ['and', leaf('version', 'semver_ge', demand.isAtLeast)];
}

function payloadOf(environment: Environment): string {
  const audiences: object[] = [];
  const audienceOf = (demand: Demand): string => {
    const id = 'segment' in demand ? `segment-${demand.segment}` : `${audiences.length}`;
    const isKnown = audiences.some((audience) => (audience as { id: string }).id === id);
    if (!isKnown) audiences.push({ id, name: id, conditions: conditions(demand, environment) });
    return id;
  };
  const experiment = (flag: NeutralFlag, { when, serve }: Rule, at: number): object => {
    const id = `${flag.key}-${at}`;
    let end = 0;
    const shares = isShares(serve) ? serve : ([[serve, 100]] as const);
    const variation = (value: Value): object => ({
      id: `${id}-${String(value)}`,
      key: `${id}-${String(value)}`,
      featureEnabled: value !== false,
      variables: flag.kind === 'string' ? [{ id: `${flag.key}-value`, value }] : [],
    });
    const trafficAllocation = shares.map(([value, percent]) => {
      end += percent * 100;
      return { entityId: `${id}-${String(value)}`, endOfRange: end };
    });
    const audienceIds = when.map(audienceOf);
    return {
      id,
      key: id,
      status: 'Running',
      layerId: `rollout-${flag.key}`,
      audienceIds,
      audienceConditions: audienceIds.length === 0 ? [] : ['and', ...audienceIds],
      variations: shares.map(([value]) => variation(value)),
      forcedVariations: {},
      trafficAllocation,
    };
  };
  const rollouts = environment.flags.map((flag) => {
    const rules = [...flag.rules, { when: [], serve: flag.isOn ? flag.otherwise : flag.off }];
    return { id: `rollout-${flag.key}`, experiments: rules.map((rule, at) => experiment(flag, rule, at)) };
  });
  const features = environment.flags.map(({ key, kind, off }) => {
    const variables =
      kind === 'string' ? [{ id: `${key}-value`, key: 'value', type: 'string', defaultValue: off }] : [];
    return { id: key, key, rolloutId: `rollout-${key}`, experimentIds: [], variables };
  });
  const names = ['country', 'plan', 'email', 'age', 'version', 'userKey'];
  return JSON.stringify({
    version: '4',
    revision: '1',
    accountId: '1',
    projectId: '1',
    sdkKey: 'benchmark',
    environmentKey: 'benchmark',
    anonymizeIP: true,
    botFiltering: false,
    sendFlagDecisions: false,
    featureFlags: features,
    rollouts,
    experiments: [],
    groups: [],
    audiences: [],
    typedAudiences: audiences,
    attributes: names.map((key) => ({ id: key, key })),
    events: [],
    integrations: [],
    variables: [],
  });
}

/** Without dispatching of decisions. It has no operator for the end of a text: `substring` stands in. */
export const adapter: Adapter<OptimizelyUserContext, All> = {
  name: 'Optimizely',
  package: '@optimizely/optimizely-sdk',
  role: 'peer',
  cannot: { W6: 'flags cannot depend on flags' },
  payload: payloadOf,
  load: (text) => {
    const client = createInstance({ projectConfigManager: createStaticProjectConfigManager({ datafile: text }) });
    const quiet = [OptimizelyDecideOption.DISABLE_DECISION_EVENT];
    const value = ({ enabled, variables }: OptimizelyDecision): Value =>
      (variables['value'] as string | undefined) ?? enabled;
    return {
      context: ({ key, country, plan, email, age, version }) =>
        client.createUserContext(key, { country, plan, email, age, version, userKey: key }),
      boolean: (key, user) => user.decide(key, quiet).enabled,
      text: (key, user) => String(value(user.decide(key, quiet))),
      all: (user) => user.decideAll(quiet),
      pick: (all, key) => {
        const decision = all[key];
        return decision === undefined ? false : value(decision);
      },
      close: () => void client.close(),
    };
  },
};
