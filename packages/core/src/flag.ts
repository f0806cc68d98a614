import {
  codeOf,
  fail,
  listOf,
  nameOf,
  objectOf,
  optionalBoolean,
  type ProblemCode,
  type Raw,
  stringOf,
  stringsOf,
} from './broken.ts';
import type { CompiledFlag, CompiledPrerequisite, CompiledRule, CompiledRuleset, CompiledTargets } from './compiled.ts';
import { charge, compileCondition, type Scope } from './condition.ts';
import { parsePath } from './context.ts';
import { MAX_NAME, MAX_PREREQUISITES, MAX_VALUE_DEPTH } from './limits.ts';
import type { ErrorCode, Reason, Resolution } from './resolution.ts';
import type { FlagType, Json } from './ruleset.ts';
import { checkHeader, compileSegment } from './segment.ts';
import { compileServe } from './serve.ts';

const MEMBERS =
  'key version digest type enabled variations off prerequisites targets rules fallthrough salt client requires metadata';

/** A resolution that stands for the caller's default. */
export function failure<T>(value: T, errorCode: ErrorCode, version?: number): Resolution<T> {
  return {
    value,
    variant: undefined,
    variation: undefined,
    reason: 'ERROR',
    ruleId: undefined,
    version,
    experiment: undefined,
    errorCode,
  };
}

// A broken flag has the shape of a whole one, so that reads see one shape only.
function setAside(key: string, problem: ProblemCode): CompiledFlag {
  const off = failure(null, 'PARSE_ERROR');
  const fallthrough = { buckets: undefined, cuts: [], points: undefined, sticky: undefined, outcomes: [off] };
  return {
    key,
    problem,
    steps: 0,
    refs: new Set(),
    timed: [],
    version: undefined,
    type: undefined,
    client: false,
    enabled: true,
    off,
    blocked: off,
    prerequisites: [],
    targets: [],
    rules: [],
    fallthrough,
  };
}

/** The type of a value as flags have it; `undefined` for what no flag can serve. */
export function typeOf(value: unknown): FlagType | undefined {
  const type = typeof value;
  return value !== null && (type === 'boolean' || type === 'string' || type === 'number' || type === 'object')
    ? type
    : undefined;
}

/** Freezes a variation's value, so that a caller who is served it cannot change it for others. */
function freeze(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_VALUE_DEPTH) fail('LIMIT');
  for (const member of Object.values(value)) freeze(member, depth + 1);
  Object.freeze(value);
}

function variationsOf(raw: unknown, type: FlagType): Map<string, Json> {
  const variations = new Map<string, Json>();
  for (const item of listOf(raw)) {
    const { name, value } = objectOf(item, 'name value');
    const key = nameOf(name);
    if (key.length > MAX_NAME) fail('LIMIT');
    if (variations.has(key)) fail('VARIATION');
    if (typeOf(value) !== type) fail('TYPE');
    freeze(value, 0);
    variations.set(key, value as Json);
  }
  return variations;
}

/** The keys of the flags that the flag of this key names as prerequisites, as far as they can be read. */
function prerequisiteKeys(ruleset: CompiledRuleset, key: string): readonly string[] {
  const list = (ruleset.flags.get(key) as { prerequisites?: unknown } | null | undefined)?.prerequisites;
  if (!Array.isArray(list)) return [];
  return list.map((item: { flag?: unknown } | null) => item?.flag).filter((name) => typeof name === 'string');
}

/** Sets the flag aside when it depends on itself or on too many others. A flag that only leads to a cycle is not in it. */
function checkPrerequisites(ruleset: CompiledRuleset, key: string): void {
  const seen = new Set<string>();
  const ahead = [...prerequisiteKeys(ruleset, key)];
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    if (next === key) fail('CYCLE');
    if (seen.has(next)) continue;
    seen.add(next);
    if (seen.size > MAX_PREREQUISITES) fail('LIMIT');
    ahead.push(...prerequisiteKeys(ruleset, next));
  }
}

function compile(ruleset: CompiledRuleset, key: string): CompiledFlag {
  const entry = ruleset.flags.get(key);
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return fail('TYPE');
  const raw = entry as Raw;
  const version = checkHeader(raw, key);
  const members = MEMBERS.split(' ');
  if (raw['requires'] !== undefined && !stringsOf(raw['requires']).every((name) => members.includes(name)))
    fail('REQUIRES');
  const type = raw['type'] as FlagType;
  if (type !== 'boolean' && type !== 'string' && type !== 'number' && type !== 'object') fail('TYPE');
  const enabled = optionalBoolean(raw['enabled']) ?? fail('TYPE');
  const client = raw['client'] === 'evaluated' ? 'evaluated' : (optionalBoolean(raw['client']) ?? false);
  if (raw['metadata'] !== undefined) {
    const metadata = raw['metadata'];
    if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) fail('TYPE');
    for (const value of Object.values(metadata as object))
      if (!typeOf(value) || typeof value === 'object') fail('TYPE');
  }
  const variations = variationsOf(raw['variations'], type);
  const names = [...variations.keys()];
  const resolve = (variant: string, reason: Reason, ruleId?: string, experiment?: string): Resolution => {
    const variation = names.indexOf(variant);
    if (variation < 0) fail('VARIATION');
    return Object.freeze({
      value: variations.get(variant)!,
      variant,
      variation,
      reason,
      ruleId,
      version,
      experiment,
      errorCode: undefined,
    });
  };
  const scope: Scope = {
    ruleset,
    segment: (name, nesting) => compileSegment(ruleset, name, nesting),
    nesting: 0,
    refs: new Set(),
    timed: [],
    steps: 0,
    depth: 0,
  };
  const salt = raw['salt'] === undefined ? key : nameOf(raw['salt']);
  const off = resolve(stringOf(raw['off']), 'DISABLED');
  const blocked = resolve(stringOf(raw['off']), 'PREREQUISITE_FAILED');

  const listed = listOf(raw['prerequisites'] ?? []).map((item) => {
    const prerequisite = objectOf(item, 'flag variations');
    return { key: stringOf(prerequisite['flag']), variations: new Set(stringsOf(prerequisite['variations'])) };
  });
  checkPrerequisites(ruleset, key);
  const prerequisites = listed.map((item): CompiledPrerequisite => {
    const flag = compileFlag(ruleset, item.key);
    scope.refs.add(`flag/${item.key}`);
    for (const ref of flag?.refs ?? []) scope.refs.add(ref);
    scope.timed.push(...(flag?.timed ?? []));
    charge(scope, 1 + (flag?.steps ?? 0));
    return { ...item, flag };
  });

  const targets: (CompiledTargets & { readonly units: Map<string, Resolution> })[] = [];
  for (const item of listOf(raw['targets'] ?? [])) {
    charge(scope, 1);
    const target = objectOf(item, 'variation keys by');
    const path = target['by'] === undefined ? 'targetingKey' : parsePath(nameOf(target['by']));
    const outcome = resolve(stringOf(target['variation']), 'TARGETING_MATCH');
    let group = targets.at(-1);
    // Neighbours that read the same attribute share a map; the first that lists a unit wins.
    if (group?.path !== path) targets.push((group = { path, units: new Map() }));
    for (const unit of stringsOf(target['keys'])) if (!group.units.has(unit)) group.units.set(unit, outcome);
  }

  const ids = new Set<string>();
  const rules = listOf(raw['rules']).map((item): CompiledRule => {
    charge(scope, 1);
    const rule = objectOf(item, 'id when serve');
    const id = nameOf(rule['id']);
    if (ids.has(id)) fail('KEY');
    ids.add(id);
    const when = compileCondition(rule['when'], scope);
    const outcome = (variant: string, bucketed: boolean, experiment?: string): Resolution =>
      resolve(variant, bucketed ? 'SPLIT' : 'TARGETING_MATCH', id, experiment);
    return { id, when, serve: compileServe(rule['serve'], salt, scope, outcome) };
  });
  const rest = prerequisites.length || targets.length || rules.length ? 'DEFAULT' : 'STATIC';
  const fallthrough = compileServe(raw['fallthrough'], salt, scope, (variant, bucketed, experiment) =>
    resolve(variant, bucketed ? 'SPLIT' : rest, undefined, experiment),
  );
  const { steps, refs, timed } = scope;
  return {
    key,
    problem: undefined,
    steps,
    refs,
    timed,
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

/** The flag, compiled by its first read; a broken one is set aside; `undefined` when there is none of that key. */
export function compileFlag(ruleset: CompiledRuleset, key: string): CompiledFlag | undefined {
  if (!ruleset.flags.has(key)) return undefined;
  let flag = ruleset.readyFlags.get(key);
  if (!flag) {
    try {
      flag = compile(ruleset, key);
    } catch (error) {
      flag = setAside(key, codeOf(error));
    }
    ruleset.readyFlags.set(key, flag);
  }
  return flag;
}
