import type { EntryHeader, Flag, Ruleset, Segment } from '@flags/core';
import { validateRuleset } from '@flags/core/validate';
import type { Expansion } from './expansion.ts';
import type { FlagBody } from './flag.ts';
import type { SegmentBody } from './segment.ts';
import { pathOf, type Spot } from './source.ts';

/** An expanded file; entries with problems as far as they could be expanded. */
export interface Expanded {
  readonly environment: string;
  readonly flags: ReadonlyMap<string, FlagBody>;
  readonly segments: ReadonlyMap<string, SegmentBody>;
  /** Where `environment`, `flags/<key>` and `segments/<key>` are named. */
  readonly names: ReadonlyMap<string, Spot>;
  /** `undefined`: any that the file names. */
  readonly bucketers: readonly string[] | undefined;
}

const HEADER = { version: 1, digest: '0'.repeat(64) };

/** Puts the entries together and notes what the ruleset's own check finds, each at the place it came from. */
export function checkRuleset(expansion: Expansion, expanded: Expanded): void {
  const { environment, flags, segments, names, bucketers = [...expansion.bucketers] } = expanded;
  const known = expansion.problems.filter(({ severity }) => severity === 'error').map(({ path }) => path);
  const ruleset: Ruleset = {
    format: 1,
    environment,
    epoch: '0'.repeat(16),
    version: 1,
    flags: toRecord<Flag>(flags),
    segments: toRecord<Segment>(segments),
  };
  for (const { path, code, message, hint } of validateRuleset(ruleset, { bucketers })) {
    const [kind, key, ...rest] = path;
    const entry = (kind === 'flags' ? flags : kind === 'segments' ? segments : undefined)?.get(String(key));
    const name = names.get(path.slice(0, 2).join('/')) ?? { start: 0, end: 1, parent: undefined, key: kind };
    const at = (entry && rest.length ? expansion.originOf(entry, rest) : undefined) ?? name;
    // Around a part that could not be expanded, the rest is not what the file says.
    const isKnown = known.some((other) => startsWith(other, pathOf(at)));
    if (!isKnown) expansion.fail(at, code, message, hint);
  }
}

function toRecord<Entry extends EntryHeader>(
  bodies: ReadonlyMap<string, Omit<Entry, 'version' | 'digest'>>,
): Record<string, Entry> {
  const record = Object.create(null) as Record<string, Entry>;
  for (const [key, body] of bodies) record[key] = { ...body, ...HEADER } as unknown as Entry;
  return record;
}

function startsWith(path: readonly (string | number)[], start: readonly (string | number)[]): boolean {
  return start.length <= path.length && start.every((step, index) => step === path[index]);
}
