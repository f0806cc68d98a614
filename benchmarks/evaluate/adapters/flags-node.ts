import type { EvaluationContext } from '@flags/core';
import { createClient } from '@flags/node';
import type { Adapter } from '../adapter.ts';
import type { Value } from '../neutral.ts';
import { toRuleset } from './ruleset.ts';

type Reads = ReturnType<typeof createClient>;
type All = ReturnType<Reads['all']>;

/** The client as a service uses it. Offline nothing is reported, as with all others here. */
export const adapter: Adapter<EvaluationContext, All> = {
  name: '@flags/node',
  package: '@flags/node',
  role: 'ours',
  payload: (environment) => JSON.stringify(toRuleset(environment)),
  load: (text) => {
    const client = createClient({ mode: 'offline', bootstrap: JSON.parse(text) as unknown });
    return {
      context: ({ key, country, plan, email, age, version }) => ({
        targetingKey: key,
        country,
        plan,
        email,
        age,
        version,
      }),
      boolean: (key, context) => client.value(key, false, context),
      text: (key, context) => client.value(key, '', context),
      all: (context) => client.all(context),
      pick: (all, key) => (all as Record<string, { readonly value: unknown }>)[key]?.value as Value,
      close: () => void client.close(),
    };
  },
};
