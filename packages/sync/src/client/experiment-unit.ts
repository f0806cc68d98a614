import { parsePath } from '@flags/core';
import type { Path, Split } from '@flags/core';

type Members = Readonly<Record<string, unknown>>;

/** Where a context has the unit that this experiment's split buckets by. `flag` is the raw JSON of a sound flag. */
export function unitPathOf(flag: unknown, experiment: string): Path {
  if (!isObject(flag)) return parsePath();
  const rules = Array.isArray(flag['rules']) ? (flag['rules'] as readonly unknown[]) : [];
  for (const serve of [...rules.map((rule) => isObject(rule) && rule['serve']), flag['fallthrough']]) {
    const split = isObject(serve) ? serve['split'] : undefined;
    if (isObject(split) && split['experiment'] === experiment) return parsePath((split as Partial<Split>).by);
  }
  return parsePath();
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
