import { codeOf, fail, type ProblemCode } from './broken.ts';
import type { CompiledFlag, CompiledRuleset, CompiledTargets } from './compiled.ts';
import { compileCondition } from './condition.ts';
import { parsePath } from './context.ts';
import { MAX_PREREQUISITES, MAX_VALUE_DEPTH } from './limits.ts';
import type { Reason, Resolution } from './resolution.ts';
import type { Flag, Prerequisite, Rule, Target, Variation } from './ruleset.ts';
import { charge } from './scope.ts';
import { createScope } from './segment.ts';
import { compileServe } from './serve.ts';
import { shape } from './shape.ts';

/** The members of a flag, in the words of `shape`. */
export const FLAG_MEMBERS =
  'key:n version:i digest:s type:t enabled:b variations:a off:s prerequisites:a? targets:a? rules:a fallthrough:v salt:n? client:c? requires:S? metadata:m?';

/** The type of a value as flags have it; another word for what no flag can serve. */
export function typeOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

/** Freezes a variation's value, so that a caller who is served it cannot change it for others. */
function freeze<T>(value: T, depth = 0): T {
  if (typeof value === 'object' && value !== null) {
    if (depth > MAX_VALUE_DEPTH) fail('LIMIT');
    for (const member of Object.values(value)) freeze(member, depth + 1);
  }
  return Object.freeze(value);
}

/** Sets the flag aside when it depends on itself or on too many others. A flag that only leads to a cycle is not in it. */
export function checkPrerequisites(ruleset: CompiledRuleset, key: string, direct: readonly Prerequisite[]): void {
  const ahead = new Set(direct.map(({ flag }) => flag));
  // A set that grows while it is walked: each flag is seen once.
  for (const next of ahead) {
    if (next === key) fail('CYCLE');
    if (ahead.size > MAX_PREREQUISITES) fail('LIMIT');
    const list = (ruleset.flags.get(next) as Partial<Flag> | null | undefined)?.prerequisites;
    if (Array.isArray(list))
      for (const item of list as readonly (Partial<Prerequisite> | null)[]) if (item?.flag) ahead.add(item.flag);
  }
}

function compile(ruleset: CompiledRuleset, key: string): CompiledFlag {
  const raw = shape<Flag>(ruleset.flags.get(key), FLAG_MEMBERS, true);
  const { version, type, enabled, client = false, salt = key, requires = [] } = raw;
  if (raw.key !== key) fail('KEY');
  // A member is named by a flag of a newer format that a reader must not skip.
  for (const name of requires)
    if (!FLAG_MEMBERS.split(' ').some((member) => member.startsWith(`${name}:`))) fail('REQUIRES');

  const variations = raw.variations.map((item) => shape<Variation>(item, 'name:n value:v'));
  const indices = new Map(variations.map(({ name }, index) => [name, index]));
  if (indices.size < variations.length) fail('VARIATION');
  for (const { value } of variations) if (typeOf(freeze(value)) !== type) fail('TYPE');
  const resolve = (variant: string, reason: Reason, ruleId?: string, experiment?: string): Resolution => {
    const variation = indices.get(variant) ?? fail('VARIATION');
    const { value } = variations[variation]!;
    return Object.freeze({ value, variant, variation, reason, ruleId, version, experiment, errorCode: undefined });
  };

  const scope = createScope(ruleset, 0);
  const direct = (raw.prerequisites ?? []).map((item) => shape<Prerequisite>(item, 'flag:s variations:S'));
  checkPrerequisites(ruleset, key, direct);
  const prerequisites = direct.map((item) => {
    const flag = compileFlag(ruleset, item.flag);
    charge(scope, typeof flag === 'object' ? flag.steps + 1 : 1);
    return { key: item.flag, flag, variations: item.variations };
  });

  const targets: CompiledTargets[] = [];
  for (const item of raw.targets ?? []) {
    charge(scope, 1);
    const { variation, keys, by } = shape<Target>(item, 'variation:s keys:S by:n?');
    const path = parsePath(by);
    const outcome = resolve(variation, 'TARGETING_MATCH');
    let group = targets.at(-1);
    // Neighbours that read the same attribute share a map; the first that lists a unit wins.
    if (group?.path !== path) targets.push((group = { path, units: new Map() }));
    for (const unit of keys) if (!group.units.has(unit)) group.units.set(unit, outcome);
  }

  const ids = new Set<string>();
  const rules = raw.rules.map((item) => {
    const { id, when, serve } = shape<Rule>(item, 'id:n when:v serve:v');
    if (ids.size === ids.add(id).size) fail('KEY');
    const outcome = (variant: string, bucketed?: boolean, experiment?: string): Resolution =>
      resolve(variant, bucketed ? 'SPLIT' : 'TARGETING_MATCH', id, experiment);
    return { id, when: compileCondition(when, scope), serve: compileServe(serve, salt, scope, outcome) };
  });
  const rest = prerequisites.length + targets.length + rules.length ? 'DEFAULT' : 'STATIC';
  const fallthrough = compileServe(raw.fallthrough, salt, scope, (variant, bucketed, experiment) =>
    resolve(variant, bucketed ? 'SPLIT' : rest, undefined, experiment),
  );
  const off = resolve(raw.off, 'DISABLED');
  const blocked = resolve(raw.off, 'PREREQUISITE_FAILED');
  const { steps, depth } = scope;
  return {
    key,
    steps,
    depth,
    version,
    type,
    client,
    enabled,
    off,
    blocked,
    prerequisites,
    targets,
    rules,
    fallthrough,
  };
}

/** The flag, compiled by its first read; why it was set aside; `undefined` when there is none of that key. */
export function compileFlag(ruleset: CompiledRuleset, key: string): CompiledFlag | ProblemCode | undefined {
  const { slots, raw, ready } = ruleset.flags;
  const slot = slots.get(key);
  if (slot === undefined) return undefined;
  let flag = ready[slot];
  if (!flag && raw[slot] !== undefined) {
    try {
      flag = compile(ruleset, key);
    } catch (error) {
      flag = codeOf(error);
    }
    ready[slot] = flag;
  }
  if (flag) ruleset.readyFlags.set(key, flag);
  return flag;
}
