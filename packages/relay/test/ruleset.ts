import { digestOf } from '@flags/config';
import type { Flag, Ruleset, Segment } from '@flags/core';

export const EPOCH = '01j9zk3w7qx4m2tb';

/** A boolean flag whose content is told apart by `note`. */
export function flag(key: string, version = 1, more: Partial<Flag> & { note?: string } = {}): Flag {
  const { note = '', ...members } = more;
  const content = {
    type: 'boolean' as const,
    enabled: true,
    variations: [
      { name: 'on', value: true },
      { name: 'off', value: false },
    ],
    off: 'off',
    rules: [],
    fallthrough: { variation: 'on' },
    metadata: { note },
    ...members,
  };
  return { key, version, digest: digestOf({ key, ...content }), ...content };
}

/** A segment of the units in `include`. */
export function segment(key: string, version = 1, more: Partial<Segment> = {}): Segment {
  return { key, version, digest: digestOf({ key, ...more }), ...more };
}

/** A ruleset of these entries. */
export function ruleset(
  version: number,
  flags: readonly Flag[],
  segments: readonly Segment[] = [],
  epoch: string = EPOCH,
): Ruleset {
  return {
    format: 1,
    environment: 'test',
    epoch,
    version,
    flags: record(flags),
    segments: record(segments),
  };
}

function record<T extends { readonly key: string }>(entries: readonly T[]): Record<string, T> {
  const result = Object.create(null) as Record<string, T>;
  for (const entry of entries) result[entry.key] = entry;
  return result;
}

/** So many flags `f0`, `f1`, … at one version. */
export function manyFlags(count: number, version = 1): Flag[] {
  return Array.from({ length: count }, (_, index) => flag(`f${index}`, version));
}
