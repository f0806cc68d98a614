import type { Flag, Ruleset, Segment } from '@flags/core';
import { validateRuleset } from '@flags/core/validate';
import type { Expansion } from './expansion.ts';
import type { FlagBody, ReadFlag } from './flag.ts';
import type { SegmentBody } from './segment.ts';
import { pathOf, type Spot } from './source.ts';

/** An expanded file, with gaps where something could not be expanded. */
export interface Expanded {
  readonly environment: string;
  readonly flags: ReadonlyMap<string, FlagBody | undefined>;
  readonly segments: ReadonlyMap<string, SegmentBody | undefined>;
  readonly outlines: ReadonlyMap<string, ReadFlag>;
  /** Where `environment`, `flags/<key>` and `segments/<key>` are named. */
  readonly names: ReadonlyMap<string, Spot>;
  /** `undefined`: any that the file names. */
  readonly bucketers: readonly string[] | undefined;
}

const HEADER = { version: 1, digest: '0'.repeat(64) };

/** Puts the entries together and notes what the ruleset's own check finds, each at the place it came from. */
export function checkRuleset(expansion: Expansion, expanded: Expanded): void {
  const { environment, flags, segments, outlines, names, bucketers = [...expansion.bucketers] } = expanded;
  const known = expansion.problems.filter(({ severity }) => severity === 'error').map(({ path }) => path);
  const ruleset: Ruleset = {
    format: 1,
    environment,
    epoch: '0'.repeat(16),
    version: 1,
    // What could not be expanded is stood in for, so that entries that refer to it are checked all the same.
    flags: toRecord(flags, (key) => standIn(key, outlines.get(key))),
    segments: toRecord(segments, (key): Segment => ({ key, ...HEADER })),
  };
  for (const { path, code, message, hint } of validateRuleset(ruleset, { bucketers })) {
    const [kind, key, ...rest] = path;
    const entries = kind === 'flags' ? flags : kind === 'segments' ? segments : undefined;
    const entry = entries?.get(String(key));
    // The stand-in of a broken entry has problems of its own.
    if (entries && !entry) continue;
    const name = names.get(path.slice(0, 2).join('/')) ?? { start: 0, end: 1, parent: undefined, key: kind };
    const at = (entry && rest.length ? expansion.originOf(entry, rest) : undefined) ?? name;
    // The same problem, seen after the expansion.
    const isKnown = known.some((other) => startsWith(other, pathOf(at)) || startsWith(pathOf(at), other));
    if (!isKnown) expansion.fail(at, code, message, hint);
  }
}

function standIn(key: string, outline: ReadFlag | undefined): Flag {
  const variations = outline?.list ?? [{ name: 'off', value: false }];
  const off = variations[0]!.name;
  return {
    key,
    ...HEADER,
    type: 'boolean',
    enabled: true,
    variations,
    off,
    rules: [],
    fallthrough: { variation: off },
  };
}

function toRecord<Body extends object, Entry>(
  bodies: ReadonlyMap<string, Body | undefined>,
  standInFor: (key: string) => Entry,
): Record<string, Entry> {
  const record = Object.create(null) as Record<string, Entry>;
  for (const [key, body] of bodies) record[key] = body ? ({ ...body, ...HEADER } as unknown as Entry) : standInFor(key);
  return record;
}

function startsWith(path: readonly (string | number)[], start: readonly (string | number)[]): boolean {
  return start.length <= path.length && start.every((step, index) => step === path[index]);
}
