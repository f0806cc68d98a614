import { createHash } from 'node:crypto';
import statsig from 'statsig-node';
import type { StatsigUser } from 'statsig-node';
import type { Adapter } from '../adapter.ts';
import type { Demand, Environment, NeutralFlag, Rule, Value } from '../neutral.ts';
import { isShares } from '../neutral.ts';

type Server = InstanceType<typeof statsig.StatsigServer>;
type All = NonNullable<ReturnType<Server['getClientInitializeResponse']>>;

function condition(demand: Demand): object {
  const of = (type: string, field: string | null, operator: string | null, targetValue: unknown): object => ({
    type,
    field,
    operator,
    targetValue,
    additionalValues: {},
    isDeviceBased: false,
    idType: 'userID',
  });
  if ('segment' in demand) return of('pass_gate', null, null, `segment:${demand.segment}`);
  if ('isOneOf' in demand) return of('user_field', demand.attribute, 'any', demand.isOneOf);
  if ('endsWith' in demand) return of('user_field', 'email', 'str_ends_with_any', [demand.endsWith]);
  if ('isAbove' in demand) return of('user_field', 'age', 'gt', demand.isAbove);
  return of('user_field', 'appVersion', 'version_gte', demand.isAtLeast);
}

const everyone = { type: 'public', field: null, operator: null, targetValue: null, additionalValues: {} };

function spec(name: string, kind: string, isOn: boolean, rules: readonly object[], fallback: unknown): object {
  return { name, type: kind, salt: name, enabled: isOn, defaultValue: fallback, idType: 'userID', entity: kind, rules };
}

const result = (id: string, conditions: readonly object[], passPercentage: number, returnValue: unknown): object => ({
  name: id,
  id,
  salt: id,
  idType: 'userID',
  passPercentage,
  conditions,
  returnValue,
});

// A share of a gate is the part of a rule that passes; shares of values are ranges of the user's bucket, of which there are 1000.
function toRules(flag: NeutralFlag, { when, serve }: Rule, at: number): readonly object[] {
  const conditions = when.length === 0 ? [everyone] : when.map(condition);
  if (flag.kind === 'boolean') {
    const percent = isShares(serve) ? (serve.find(([value]) => value === true)?.[1] ?? 0) : 100;
    return serve === false ? [] : [result(`${at}`, conditions, percent, true)];
  }
  if (!isShares(serve)) return [result(`${at}`, conditions, 100, { value: serve })];
  let below = 0;
  return serve.map(([value, percent]) => {
    below += percent * 10;
    const additionalValues = { salt: flag.key };
    const bucket = { type: 'user_bucket', operator: 'lt', targetValue: below, additionalValues, idType: 'userID' };
    return result(`${at}-${String(value)}`, [...conditions, bucket], 100, { value });
  });
}

function payloadOf({ flags, segments }: Environment): string {
  const specs = flags.map((flag) => {
    const own = flag.needs === undefined ? [] : [flag.needs];
    const gates = own.map((gate) => ({ type: 'pass_gate', targetValue: gate, additionalValues: {}, idType: 'userID' }));
    const all = [...flag.rules, { when: [], serve: flag.otherwise }];
    const rules =
      gates.length > 0 ? [result('0', gates, 100, true)] : all.flatMap((rule, at) => toRules(flag, rule, at));
    const isGate = flag.kind === 'boolean';
    const fallback = isGate ? false : { value: flag.off };
    return spec(flag.key, isGate ? 'feature_gate' : 'dynamic_config', flag.isOn, rules, fallback);
  });
  const isGate = (_: object, at: number): boolean => flags[at]?.kind === 'boolean';
  const groups = segments.map(({ name, keys }) => {
    const unit = { type: 'unit_id', operator: 'any_case_sensitive', targetValue: keys, idType: 'userID' };
    return spec(`segment:${name}`, 'feature_gate', true, [result('in', [unit], 100, true)], false);
  });
  return JSON.stringify({
    has_updates: true,
    time: 1,
    feature_gates: [...specs.filter(isGate), ...groups],
    dynamic_configs: specs.filter((entry, at) => !isGate(entry, at)),
    layer_configs: [],
    layers: {},
  });
}

/** Without logging of exposures, which is what makes its reads cheap. */
export const adapter: Adapter<StatsigUser, All> = {
  name: 'Statsig',
  package: 'statsig-node',
  role: 'peer',
  payload: payloadOf,
  load: async (text) => {
    const server = new statsig.StatsigServer(`secret-${createHash('sha256').update(text).digest('hex')}`, {
      bootstrapValues: text,
      localMode: true,
      disableRulesetsSync: true,
      disableIdListsSync: true,
      disableAllLogging: true,
      disableDiagnostics: true,
      initStrategyForIP3Country: 'none',
      initStrategyForIDLists: 'none',
    });
    await server.initializeAsync();
    const quiet = { disableExposureLogging: true };
    return {
      context: ({ key, country, plan, email, age, version }) => ({
        userID: key,
        country,
        email,
        appVersion: version,
        custom: { plan, age },
      }),
      boolean: (key, context) => server.checkGate(context, key, quiet),
      text: (key, context) => server.getConfig(context, key, quiet).get('value', ''),
      all: (context) => server.getClientInitializeResponse(context, undefined, { hash: 'none' }) as All,
      pick: (all, key) => {
        const gate = all.feature_gates[key] as { readonly value: boolean } | undefined;
        const config = all.dynamic_configs[key] as { readonly value: { readonly value: Value } } | undefined;
        return gate?.value ?? config?.value.value ?? false;
      },
      close: () => server.shutdown(),
    };
  },
};
