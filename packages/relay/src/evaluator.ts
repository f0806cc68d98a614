import type { CompiledRuleset, EvaluationContext, Flag, Resolution } from '@flags/core';
import { compileRuleset, evaluate, updateRuleset } from '@flags/core';
import type { Position } from '@flags/sync';
import type { ChangedKeys } from './changelog.ts';
import { toRecord } from './entries.ts';
import type { Environment } from './environment.ts';
import type { View, ViewName } from './view.ts';

/** One flag read for a context. */
export interface Reading {
  readonly key: string;
  /** The flag as it is served; absent when there is none that the key may see. */
  readonly flag: Flag | undefined;
  /** Value `null` and reason `ERROR` when there is no answer. */
  readonly resolution: Resolution;
}

/** Reads flags here for those who cannot hold the rules. Compiles when first asked, and then only what changes. */
export interface Evaluator {
  /** These keys changed. */
  changed(keys: ChangedKeys): void;
  /**
   * Reads these flags, or all, as holders of such a key may see them: with a client key flags marked `client: true` or
   * `'evaluated'`; any other is not there. `undefined` while there is no ruleset.
   */
  read(
    as: ViewName,
    context: EvaluationContext,
    now: number,
    keys?: readonly string[],
  ): { readonly position: Position; readonly readings: readonly Reading[] } | undefined;
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
    read: (as, context, now, keys) => {
      const view = environment.widest;
      if (view === undefined) return undefined;
      const rules = current(view);
      const { flags } = view.entries;
      const readings: Reading[] = [];
      for (const key of keys ?? flags.keys()) {
        const flag = flags.get(key);
        if (flag !== undefined && (as === 'server' || flag.client === true || flag.client === 'evaluated')) {
          readings.push({ key, flag, resolution: evaluate(rules, key, context, null, now) });
        } else if (keys !== undefined) readings.push({ key, flag: undefined, resolution: NOT_FOUND });
      }
      return { position: view.position, readings };
    },
  };
}

const NOT_FOUND: Resolution = {
  value: null,
  variant: undefined,
  variation: undefined,
  reason: 'ERROR',
  ruleId: undefined,
  version: undefined,
  experiment: undefined,
  errorCode: 'FLAG_NOT_FOUND',
};
