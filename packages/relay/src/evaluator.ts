import type { CompiledRuleset, EvaluationContext, Flag, Resolution } from '@flags/core';
import { compileRuleset, evaluate, failedRead, updateRuleset } from '@flags/core';
import type { ChangedKeys } from './changelog.ts';
import { toRecord } from './entries.ts';
import type { Environment } from './environment.ts';
import type { EvaluationCounts } from './evaluation-counts.ts';
import { createEvaluationCounts } from './evaluation-counts.ts';
import type { View, ViewName } from './view.ts';

/** One flag read for a context. */
export interface Reading {
  readonly key: string;
  /** The flag as it is served; absent when there is none that the key may see. */
  readonly flag: Flag | undefined;
  /** Value `null` and reason `ERROR` when there is no answer. */
  readonly resolution: Resolution;
}

/** Compiles what an environment holds, for those who cannot hold the rules: when first asked, and then only what changes. */
export interface Evaluator {
  /** These keys changed. */
  changed(keys: ChangedKeys): void;
  /** The rules at the head; the same object until they change. `undefined` while there is no ruleset. */
  rules(): CompiledRuleset | undefined;
  /** What was read with these rules; whoever reads adds to it. */
  readonly counts: EvaluationCounts;
}

/** Creates an evaluator of what an environment holds. */
export function createEvaluator(environment: Environment): Evaluator {
  let compiled: CompiledRuleset | undefined;
  const stale = { flags: new Set<string>(), segments: new Set<string>() };

  const current = ({ entries, position: { epoch, version } }: View): CompiledRuleset => {
    if (compiled === undefined) {
      const all = { flags: toRecord(entries.flags), segments: toRecord(entries.segments) };
      compiled = compileRuleset({ format: 1, environment: '', epoch, version, ...all });
    } else if (compiled.version !== version || compiled.epoch !== epoch || stale.flags.size + stale.segments.size > 0) {
      // Rules reach over views: a client's flag may depend on one that only servers hold.
      compiled = updateRuleset(compiled, {
        epoch,
        version,
        flags: toRecord(Array.from(stale.flags, (key) => [key, entries.flags.get(key) ?? null] as const)),
        segments: toRecord(Array.from(stale.segments, (key) => [key, entries.segments.get(key) ?? null] as const)),
      });
    }
    stale.flags.clear();
    stale.segments.clear();
    return compiled;
  };

  return {
    changed: (keys) => {
      if (compiled === undefined) return;
      for (const key of keys.flags) stale.flags.add(key);
      for (const key of keys.segments) stale.segments.add(key);
    },
    rules: () => {
      const view = environment.widest;
      return view === undefined ? undefined : current(view);
    },
    counts: createEvaluationCounts(),
  };
}

/**
 * The flag of this key, when holders of such a key may read it here: with a client key flags marked `client: true` or
 * `'evaluated'`; any other is not there.
 */
export function readableFlag(rules: CompiledRuleset, as: ViewName, key: string): Flag | undefined {
  // Entries are what the source gave, and any that is broken is still an object.
  const flag = rules.flags.get(key) as Flag | undefined;
  return as === 'server' || flag?.client === true || flag?.client === 'evaluated' ? flag : undefined;
}

/** Those of these flags that holders of such a key may read here: for others nothing is done that they could take the time of. */
export function readableKeys(
  rules: CompiledRuleset | undefined,
  as: ViewName,
  keys: readonly string[] | undefined,
): readonly string[] | undefined {
  return rules && keys?.filter((key) => readableFlag(rules, as, key) !== undefined);
}

/** Reads these flags, or all that holders of such a key may read. */
export function readFlags(
  rules: CompiledRuleset,
  as: ViewName,
  context: EvaluationContext,
  now: number,
  keys?: readonly string[],
): readonly Reading[] {
  const readings: Reading[] = [];
  for (const key of keys ?? rules.flags.keys()) {
    const flag = readableFlag(rules, as, key);
    if (flag !== undefined) readings.push({ key, flag, resolution: evaluate(rules, key, context, null, now) });
    else if (keys !== undefined) readings.push({ key, flag, resolution: NOT_FOUND });
  }
  return readings;
}

const NOT_FOUND: Resolution = failedRead(null, 'FLAG_NOT_FOUND');
