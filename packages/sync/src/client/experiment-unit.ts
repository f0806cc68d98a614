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

/** Whether what lies at a path is one of the private attributes, or a part of one. */
export function isPrivate(path: Path, privateAttributes: readonly string[]): boolean {
  // A name that holds a dot is taken for the path it looks like: too private rather than too little.
  const text = typeof path === 'string' ? path : path.join('.');
  return privateAttributes.some((attribute) => text === attribute || text.startsWith(`${attribute}.`));
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
