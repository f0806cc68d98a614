import { compileRuleset, evaluate } from '@flags/core';
import type { Resolution } from '@flags/core';

type Members = Readonly<Record<string, unknown>>;

const variations = [
  { name: 'on', value: true },
  { name: 'off', value: false },
];

/** The JSON of a boolean flag that serves `off`, with these parts in place of its own. */
export function flagWith(parts: Members, key = 'f'): Members {
  const header = { key, version: 1, digest: '', type: 'boolean', enabled: true, variations, off: 'off' };
  return { ...header, rules: [], fallthrough: { variation: 'off' }, ...parts };
}

/** The JSON of a ruleset of these flags. */
export function rulesetWith(flags: Members, segments: Members = {}): Members {
  return { format: 1, environment: 'vectors', epoch: 'e1', version: 1, flags, segments };
}

/** The parts of a flag that serves `on` where this condition holds. */
export function when(condition: unknown): Members {
  return { rules: [{ id: 'r', when: condition, serve: { variation: 'on' } }] };
}

/** Reads a flag of these parts. */
export function read(parts: Members, context: Members, now: number): Resolution {
  return evaluate(compileRuleset(rulesetWith({ f: flagWith(parts) })), 'f', context, null, now);
}
