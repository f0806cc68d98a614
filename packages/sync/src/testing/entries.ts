import type { Flag, Ruleset, Segment } from '@flags/core';

/**
 * A flag as a server sends it: boolean, with the variations `on` and `off`, serving `on` to everyone. `parts` replace its own
 * (`{ fallthrough: { variation: 'off' } }`).
 */
export function switchFlag(key: string, parts: Partial<Flag> = {}): Flag {
  const { version = 1 } = parts;
  return {
    key,
    version,
    digest: `${key}-${version}`,
    type: 'boolean',
    enabled: true,
    variations: [
      { name: 'on', value: true },
      { name: 'off', value: false },
    ],
    off: 'off',
    rules: [],
    fallthrough: { variation: 'on' },
    ...parts,
  };
}

/** A ruleset of these entries, as a server sends it. */
export function rulesetOf(
  version: number,
  flags: readonly Flag[],
  segments: readonly Segment[] = [],
  epoch: string = 'test',
): Ruleset {
  return { format: 1, environment: 'test', epoch, version, flags: byKey(flags), segments: byKey(segments) };
}

function byKey<Entry extends { readonly key: string }>(entries: readonly Entry[]): Record<string, Entry> {
  return Object.fromEntries(entries.map((entry) => [entry.key, entry]));
}
