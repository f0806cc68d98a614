import type { Flag, Json } from '@flags/core';
import type { MemoryValues } from '@flags/sync/testing';

/** A ruleset that browsers may see: each flag serves its value to everyone, changed by `more`. */
export function rulesOf(values: Readonly<Record<string, Json>>, more: Partial<Flag> = {}): MemoryValues {
  const flags = Object.entries(values).map(([key, value]) => [
    key,
    {
      key,
      version: 1,
      digest: '',
      type: typeof value,
      enabled: true,
      variations: [{ name: 'served', value }],
      off: 'served',
      rules: [],
      fallthrough: { variation: 'served' },
      client: true,
      ...more,
    },
  ]);
  return { format: 1, environment: 'test', epoch: 'e1', version: 1, flags: Object.fromEntries(flags), segments: {} };
}
