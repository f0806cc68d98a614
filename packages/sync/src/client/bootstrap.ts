import type { CompileOptions } from '@flags/core';
import { compileRuleset } from '@flags/core';
import type { HeldState } from '../protocol/change.ts';
import { holdRuleset } from '../protocol/change.ts';
import { parsePosition } from '../protocol/position.ts';

/**
 * Rules that a client starts with: a ruleset, or `{ ruleset, position? }`. `undefined` when there is no usable ruleset
 * in it; a client then starts without. Its hash is computed here, so a wrong position can mislead nobody for long.
 */
export function readBootstrap(
  bootstrap: Readonly<Record<string, unknown>>,
  options: CompileOptions,
): HeldState | undefined {
  const ruleset = compileRuleset(bootstrap['ruleset'] ?? bootstrap, options);
  if (ruleset.invalid !== undefined) return undefined;
  return holdRuleset(ruleset, parsePosition(bootstrap['position']));
}
