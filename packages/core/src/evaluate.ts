import type { ProblemCode } from './broken.ts';
import type { CompiledFlag, CompiledPrerequisite, CompiledRuleset } from './compiled.ts';
import { holds } from './condition.ts';
import { type EvaluationContext, readUnit } from './context.ts';
import { compileFlag, typeOf } from './flag.ts';
import { failedRead } from './resolution.ts';
import type { ErrorCode, Resolution } from './resolution.ts';
import { serve } from './serve.ts';

const NO_UNIT = failedRead(null, 'TARGETING_KEY_MISSING');

/**
 * The whole order: off, prerequisites, targets, the first rule that matches, fallthrough. Gives the one resolution
 * prepared for each outcome; reason `ERROR` stands for the caller's default.
 */
function decide(flag: CompiledFlag, context: EvaluationContext, now: number): Resolution {
  if (!flag.enabled) return flag.off;
  for (const prerequisite of flag.prerequisites) {
    const unmet = whyUnmet(prerequisite, context, now);
    if (unmet !== undefined) return unmet ? Object.freeze({ ...flag.blocked, errorCode: unmet }) : flag.blocked;
  }
  for (const { path, units } of flag.targets) {
    const unit = readUnit(context, path);
    const outcome = unit === undefined ? undefined : units.get(unit);
    if (outcome) return outcome;
  }
  const { rules } = flag;
  for (let at = 0; at < rules.length; at++) {
    if (holds(rules[at]!.when, context, now)) return serve(rules[at]!.serve, context, now) ?? NO_UNIT;
  }
  return serve(flag.fallthrough, context, now) ?? NO_UNIT;
}

/** The error code of a flag that is missing or was set aside. */
const unusable = (flag: string | undefined): ErrorCode => (flag ? 'PARSE_ERROR' : 'FLAG_NOT_FOUND');

/** `undefined` when the prerequisite is met, else the error behind it, empty when it simply serves something else. */
export function whyUnmet(
  { flag, variations }: CompiledPrerequisite,
  context: EvaluationContext,
  now: number,
): ErrorCode | '' | undefined {
  if (typeof flag !== 'object') return unusable(flag);
  const { errorCode, variant } = decide(flag, context, now);
  if (errorCode) return errorCode;
  return flag.enabled && variations.includes(variant!) ? undefined : '';
}

/**
 * Reads a flag: pure, synchronous, never throws. `now` is in epoch ms. When there is no answer (unknown or broken flag, no
 * unit to bucket by, a value of another type than the default), the value is the default and `errorCode` says why; a
 * `null` default takes any type. What a flag serves is frozen and shared: the same outcome
 * gives the same object.
 */
export function evaluate(
  compiled: CompiledRuleset,
  key: string,
  context: EvaluationContext,
  defaultValue: null,
  now: number,
): Resolution;
export function evaluate<T>(
  compiled: CompiledRuleset,
  key: string,
  context: EvaluationContext,
  defaultValue: T,
  now: number,
): Resolution<T>;
export function evaluate<T>(
  compiled: CompiledRuleset,
  key: string,
  context: EvaluationContext,
  defaultValue: T,
  now: number,
): Resolution<T> {
  return read(undefined, compiled, key, context, defaultValue, now);
}

/** `known` is what is ready of that key, where the caller has it at hand. */
function read<T>(
  known: CompiledFlag | ProblemCode | undefined,
  compiled: CompiledRuleset,
  key: string,
  context: EvaluationContext,
  defaultValue: T,
  now: number,
): Resolution<T> {
  let version: number | undefined;
  try {
    const flag = known ?? compiled.readyFlags.get(key) ?? compileFlag(compiled, key);
    if (typeof flag !== 'object') return failedRead(defaultValue, unusable(flag));
    version = flag.version;
    const resolution = decide(flag, context, now);
    const { errorCode } = resolution;
    if (resolution.reason === 'ERROR') return failedRead(defaultValue, errorCode!, version);
    if (defaultValue !== null && typeOf(defaultValue) !== flag.type)
      return failedRead(defaultValue, 'TYPE_MISMATCH', version);
    return resolution as Resolution<T>;
  } catch {
    // A context that is no object, a getter or bucketer that throws, a full stack: the caller's own, and never a crash.
    const isContext = typeof context === 'object' && context !== null;
    return failedRead(defaultValue, isContext ? 'GENERAL' : 'INVALID_CONTEXT', version);
  }
}

/** What `evaluateAll` may be told. */
export interface EvaluateAllOptions {
  /** Only flags a browser may see: `client: true` or `'evaluated'`. */
  readonly client?: boolean;
}

/**
 * Reads every flag for one context. A flag without an answer has the value `null` and says why. The record has no
 * prototype, so that every key is an ordinary one.
 */
export function evaluateAll(
  compiled: CompiledRuleset,
  context: EvaluationContext,
  now: number,
  options: EvaluateAllOptions = {},
): Record<string, Resolution> {
  const all = Object.create(null) as Record<string, Resolution>;
  const { slots, raw, ready } = compiled.flags;
  // By place, and not by `keys()`: a generator takes as long as a read. A place without a flag belongs to another version.
  for (const [key, slot] of slots) {
    if (raw[slot] === undefined) continue;
    const flag = ready[slot] ?? compileFlag(compiled, key);
    if (!options.client || (typeof flag === 'object' && flag.client))
      all[key] = read(flag, compiled, key, context, null, now);
  }
  return all;
}
