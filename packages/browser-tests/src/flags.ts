import { createHash } from 'node:crypto';
import type { Flag, Ruleset } from '@flags/core';
import { canonicalize } from '@flags/sync';

/** The flag `a` of type string, for browsers, with its digest. */
export function flagA(version: number, value: string): Flag {
  const content = {
    key: 'a',
    type: 'string' as const,
    enabled: true,
    client: true,
    variations: [
      { name: 'now', value },
      { name: 'pro', value: `${value} pro` },
    ],
    off: 'now',
    rules: [
      {
        id: 'pro',
        when: { attr: 'plan', op: 'eq' as const, values: ['pro'] },
        serve: { variation: 'pro' },
      },
    ],
    fallthrough: { variation: 'now' },
  };
  return { ...content, version, digest: createHash('sha256').update(canonicalize(content)).digest('hex') };
}

/** A ruleset of the flag `a`. */
export function rulesetA(version: number, value: string): Ruleset {
  return { format: 1, environment: 'test', epoch: 'e1', version, flags: { a: flagA(version, value) }, segments: {} };
}
