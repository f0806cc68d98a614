import { digestOf } from '@flags/config';
import type { Flag, Ruleset, Segment } from '@flags/core';
import { rulesetOf, switchFlag } from '@flags/sync/testing';

export const EPOCH = '01j9zk3w7qx4m2tb';

/** A boolean flag whose content is told apart by `note`. */
export function flag(key: string, version = 1, more: Partial<Flag> & { note?: string } = {}): Flag {
  const { note = '', ...members } = more;
  const content = switchFlag(key, { version, metadata: { note }, ...members });
  return { ...content, digest: digestOf(content) };
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
  return rulesetOf(version, flags, segments, epoch);
}

/** So many flags `f0`, `f1`, … at one version. */
export function manyFlags(count: number, version = 1): Flag[] {
  return Array.from({ length: count }, (_, index) => flag(`f${index}`, version));
}
