import type { CompileOptions } from '@flags/core';
import { compileRuleset } from '@flags/core';
import type { HeldState } from '../protocol/change.ts';
import { holdRuleset } from '../protocol/change.ts';
import type { MachineEvent } from '../machine/event.ts';
import { comparePositions, formatPosition, parsePosition } from '../protocol/position.ts';

const BEFORE_ALL = { epoch: '-', version: 0, hash: '' };

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
  const position = parsePosition(bootstrap['position']);
  const held = holdRuleset(ruleset, position);
  // An epoch that cannot stand in a position cannot be sent or compared: whatever the server has comes after it.
  return parsePosition(formatPosition(held.position)) ? held : holdRuleset(ruleset, BEFORE_ALL);
}

/** What to start with: the higher of bootstrap and cache by `(epoch, version)`, the bootstrap when they are equal. */
export function chooseStart(
  bootstrap: HeldState | undefined,
  cached: HeldState | undefined,
): Extract<MachineEvent, { type: 'start' }> {
  const isCache =
    cached !== undefined && (bootstrap === undefined || comparePositions(cached.position, bootstrap.position) > 0);
  if (isCache) return { type: 'start', held: cached, source: 'cache' };
  return bootstrap === undefined ? { type: 'start' } : { type: 'start', held: bootstrap, source: 'bootstrap' };
}
