import { digestOf } from '@flags/config';
import type { Flag, Ruleset, Segment } from '@flags/core';
import { rulesetOf as ruleset, switchFlag } from '@flags/sync/testing';

/** The history that cases begin with. */
export const EPOCH = '01j9zk3w7qx4m2tb';

/** A boolean flag that serves `on` or `off` to everyone; `note` makes it as long as need be. */
export function flagOf(key: string, version: number, on: boolean, note = ''): Flag {
  const content = switchFlag(key, {
    version,
    fallthrough: { variation: on ? 'on' : 'off' },
    ...(note === '' ? {} : { metadata: { note } }),
  });
  return { ...content, digest: digestOf(content) };
}

/** A string flag that serves this text to everyone. */
export function textFlag(key: string, version: number, text: string): Flag {
  const content = {
    key,
    version,
    digest: '',
    type: 'string',
    enabled: true,
    variations: [{ name: 'text', value: text }],
    off: 'text',
    rules: [],
    fallthrough: { variation: 'text' },
  } satisfies Flag;
  return { ...content, digest: digestOf(content) };
}

/** A ruleset of these entries. */
export function rulesetOf(
  version: number,
  flags: readonly Flag[],
  segments: readonly Segment[] = [],
  epoch: string = EPOCH,
): Ruleset {
  return ruleset(version, flags, segments, epoch);
}

/** So many flags that nobody reads: with them a small change is sent as a delta. */
export function padding(count: number, version = 1, note = ''): Flag[] {
  return Array.from({ length: count }, (_, index) => flagOf(`padding-${index}`, version, false, note));
}
