import { compileRuleset } from '@flags/core';
import type { CompiledRuleset, Flag, Segment } from '@flags/core';
import { holdRuleset } from '../src/index.ts';
import type { HeldState } from '../src/index.ts';
import { switchFlag } from '../src/testing/index.ts';

/** A boolean flag that serves `on`, as a server would send it. */
export function flagOf(key: string, version: number, on: boolean, more: Partial<Flag> = {}): Flag {
  return switchFlag(key, { version, fallthrough: { variation: on ? 'on' : 'off' }, ...more });
}

/** A segment of these units. */
export function segmentOf(key: string, version: number, include: readonly string[]): Segment {
  return { key, version, digest: `${key}-${version}`, include };
}

/** The JSON of a ruleset of these entries. */
export function rulesetJson(
  version: number,
  flags: readonly Flag[] = [],
  segments: readonly Segment[] = [],
  epoch = 'e1',
): Readonly<Record<string, unknown>> {
  const byKey = (entries: readonly { readonly key: string }[]): Record<string, unknown> =>
    Object.fromEntries(entries.map((entry) => [entry.key, entry]));
  return { format: 1, environment: 'test', epoch, version, flags: byKey(flags), segments: byKey(segments) };
}

/** The same, compiled. */
export function compiled(
  version: number,
  flags: readonly Flag[] = [],
  segments: readonly Segment[] = [],
  epoch = 'e1',
): CompiledRuleset {
  return compileRuleset(rulesetJson(version, flags, segments, epoch));
}

/** The same, held at its own position. */
export function held(
  version: number,
  flags: readonly Flag[] = [],
  segments: readonly Segment[] = [],
  epoch = 'e1',
): HeldState {
  return holdRuleset(compiled(version, flags, segments, epoch));
}
