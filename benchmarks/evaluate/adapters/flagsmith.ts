import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Flagsmith, LocalFileHandler } from 'flagsmith-nodejs';
import type { Flags } from 'flagsmith-nodejs';
import type { Adapter } from '../adapter.ts';
import type { Demand, Environment, NeutralFlag, NeutralSegment, Serve } from '../neutral.ts';
import { isShares } from '../neutral.ts';

interface Context {
  readonly key: string;
  readonly traits: Record<string, string | number>;
}

function condition(demand: Demand, segments: readonly NeutralSegment[]): object {
  const of = (property: string, operator: string, value: string): object => ({ property_: property, operator, value });
  if ('segment' in demand) {
    const keys = segments.find(({ name }) => name === demand.segment)?.keys ?? [];
    return of('$.identity.identifier', 'IN', keys.join(','));
  }
  if ('isOneOf' in demand) return of(demand.attribute, 'IN', demand.isOneOf.join(','));
  if ('endsWith' in demand) return of('email', 'REGEX', `.*${demand.endsWith.replaceAll('.', '\\.')}$`);
  if ('isAbove' in demand) return of('age', 'GREATER_THAN', String(demand.isAbove));
  return of('version', 'GREATER_THAN_INCLUSIVE', `${demand.isAtLeast}:semver`);
}

function payloadOf({ flags, segments }: Environment): string {
  let id = 0;
  const state = (flag: NeutralFlag, isEnabled: boolean, serve: Serve, priority?: number): object => {
    const shares = isShares(serve) && flag.kind === 'string' ? serve : [];
    id += 1;
    return {
      feature: { id: flags.indexOf(flag) + 1, name: flag.key, type: shares.length > 0 ? 'MULTIVARIATE' : 'STANDARD' },
      enabled: isEnabled,
      django_id: id,
      featurestate_uuid: `${id}`,
      feature_state_value: flag.kind === 'string' ? (shares[0]?.[0] ?? serve) : null,
      feature_segment: priority === undefined ? null : { priority },
      multivariate_feature_state_values: shares.map(([value, percent], at) => ({
        id: at,
        percentage_allocation: percent,
        multivariate_feature_option: { id: at, value },
        mv_fs_value_uuid: `${at}`,
      })),
    };
  };
  // Each rule is a segment that overrides the flag; a share of a flag that is on or off is a segment by percentage.
  const overrides = flags.flatMap((flag) => {
    if (!flag.isOn) return [];
    const isShared = flag.kind === 'boolean' && isShares(flag.otherwise);
    const rules = [...flag.rules, ...(isShared ? [{ when: [], serve: flag.otherwise }] : [])];
    return rules.map(({ when, serve }, priority) => {
      const percent = isShares(serve) ? (serve.find(([value]) => value === true)?.[1] ?? 0) : 100;
      const share = { property_: '', operator: 'PERCENTAGE_SPLIT', value: String(percent) };
      const conditions = when.map((demand) => condition(demand, segments));
      const all = flag.kind === 'boolean' && percent < 100 ? [...conditions, share] : conditions;
      return {
        id: flags.indexOf(flag) * 100 + priority + 1,
        name: `${flag.key}-${priority}`,
        rules: [{ type: 'ALL', rules: [], conditions: all }],
        feature_states: [state(flag, true, serve, priority)],
      };
    });
  });
  const states = flags.map((flag) => {
    const isEnabled = flag.isOn && (flag.kind === 'string' || flag.otherwise === true);
    return state(flag, isEnabled, flag.isOn ? flag.otherwise : flag.off);
  });
  const organisation = { id: 1, name: 'o', feature_analytics: false, stop_serving_flags: false };
  const project = { id: 1, name: 'p', hide_disabled_flags: false, organisation, segments: overrides };
  return JSON.stringify({ id: 1, api_key: 'k', name: 'e', project, feature_states: states });
}

// Its way to an environment without a network is a file.
function readEnvironment(text: string): LocalFileHandler {
  const folder = mkdtempSync(join(tmpdir(), 'flags-benchmark-'));
  writeFileSync(join(folder, 'environment.json'), text);
  const handler = new LocalFileHandler(join(folder, 'environment.json'));
  rmSync(folder, { recursive: true });
  return handler;
}

/** Evaluates all flags of a user for any read, and copies the environment each time. */
export const adapter: Adapter<Context, Flags> = {
  name: 'Flagsmith',
  package: 'flagsmith-nodejs',
  role: 'peer',
  isAsync: true,
  cannot: { W6: 'flags cannot depend on flags' },
  payload: payloadOf,
  load: (text) => {
    const offlineHandler = readEnvironment(text);
    const environment = offlineHandler.getEnvironment();
    const flagsmith = new Flagsmith({ offlineMode: true, offlineHandler });
    const all = ({ key, traits }: Context): Promise<Flags> => flagsmith.getIdentityFlags(key, traits);
    const textual = new Set(environment.featureStates.flatMap((it) => (it.getValue() === null ? [] : it.feature.name)));
    return {
      context: ({ key, country, plan, email, age, version }) => ({
        key,
        traits: { country, plan, email, age, version },
      }),
      boolean: async (key, context) => (await all(context)).isFeatureEnabled(key),
      text: async (key, context) => String((await all(context)).getFeatureValue(key)),
      all,
      pick: (flags, key) => (textual.has(key) ? String(flags.getFeatureValue(key)) : flags.isFeatureEnabled(key)),
      close: () => void flagsmith.close(),
    };
  },
};
