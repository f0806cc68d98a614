import type { EvaluationContext, Resolution, RulesetChange } from '@flags/core';
import { compileRuleset, evaluate, evaluateAll, updateRuleset } from '@flags/core';
import type { Adapter } from '../adapter.ts';
import { toFlag, toRuleset } from './ruleset.ts';

const NOW = Date.UTC(2026, 0, 1);

/** The evaluator alone, as relay, edge and tests use it: each read gives value, variation, reason and rule. */
export const adapter: Adapter<EvaluationContext, Record<string, Resolution>> = {
  name: '@flags/core',
  package: '@flags/core',
  role: 'ours',
  payload: (environment) => JSON.stringify(toRuleset(environment)),
  change: ({ flags }, key) => {
    const change = Object.fromEntries(flags.filter((flag) => flag.key === key).map((flag) => [key, toFlag(flag)]));
    return JSON.stringify({ version: 2, flags: change });
  },
  load: (text) => {
    let compiled = compileRuleset(JSON.parse(text));
    return {
      context: ({ key, country, plan, email, age, version }) => ({
        targetingKey: key,
        country,
        plan,
        email,
        age,
        version,
      }),
      boolean: (key, context) => evaluate(compiled, key, context, false, NOW).value,
      text: (key, context) => evaluate(compiled, key, context, '', NOW).value,
      all: (context) => evaluateAll(compiled, context, NOW),
      pick: (all, key) => all[key]?.value as boolean | string,
      update: (change) => {
        compiled = updateRuleset(compiled, JSON.parse(change) as RulesetChange);
      },
    };
  },
};
