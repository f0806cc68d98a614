import { FlagdCore } from '@openfeature/flagd-core';
import type { Adapter } from '../adapter.ts';
import type { Demand, Environment, NeutralFlag, Serve } from '../neutral.ts';
import { isShares, valuesOf } from '../neutral.ts';

type Context = Parameters<FlagdCore['resolveAll']>[0] & object;
type All = ReturnType<FlagdCore['resolveAll']>;

function logic(demand: Demand): object {
  const value = (name: string): object => ({ var: name });
  if ('segment' in demand) return { $ref: demand.segment };
  if ('isOneOf' in demand) return { in: [value(demand.attribute), demand.isOneOf] };
  if ('endsWith' in demand) return { ends_with: [value('email'), demand.endsWith] };
  if ('isAbove' in demand) return { '>': [value('age'), demand.isAbove] };
  return { sem_ver: [value('version'), '>=', demand.isAtLeast] };
}

function toFlag(flag: NeutralFlag): object {
  const serve = (served: Serve): unknown =>
    isShares(served) ? { fractional: served.map(([value, percent]) => [String(value), percent]) } : String(served);
  const { rules, otherwise } = flag;
  const steps = rules.flatMap((rule) => [
    rule.when.length === 1 && rule.when[0] !== undefined ? logic(rule.when[0]) : { and: rule.when.map(logic) },
    serve(rule.serve),
  ]);
  const isStatic = rules.length === 0 && !isShares(otherwise);
  return {
    state: flag.isOn ? 'ENABLED' : 'DISABLED',
    variants: Object.fromEntries(valuesOf(flag).map((value) => [String(value), value])),
    defaultVariant: String(isShares(otherwise) ? flag.off : otherwise),
    ...(isStatic ? {} : { targeting: rules.length === 0 ? serve(otherwise) : { if: [...steps, serve(otherwise)] } }),
  };
}

function payloadOf({ flags, segments }: Environment): string {
  return JSON.stringify({
    flags: Object.fromEntries(flags.map((flag) => [flag.key, toFlag(flag)])),
    $evaluators: Object.fromEntries(segments.map(({ name, keys }) => [name, { in: [{ var: 'targetingKey' }, keys] }])),
  });
}

/** Compiles targeting with `new Function`. A flag that is off serves the caller's default, and is none of `resolveAll`'s. */
export const adapter: Adapter<Context, All> = {
  name: 'flagd (OpenFeature)',
  package: '@openfeature/flagd-core',
  role: 'peer',
  cannot: { W6: 'flags cannot depend on flags' },
  payload: payloadOf,
  change: payloadOf,
  load: (text) => {
    const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const core = new FlagdCore(undefined, silent);
    core.setConfigurations(text);
    return {
      context: ({ key, country, plan, email, age, version }) => ({
        targetingKey: key,
        country,
        plan,
        email,
        age,
        version,
      }),
      boolean: (key, context) => core.resolveBooleanEvaluation(key, false, context, silent).value,
      text: (key, context) => core.resolveStringEvaluation(key, '', context, silent).value,
      all: (context) => core.resolveAll(context, silent),
      pick: (all, key) => (all.find(({ flagKey }) => flagKey === key)?.value as boolean | string | undefined) ?? false,
      update: (change) => void core.setConfigurations(change),
    };
  },
};
