import type { CompiledRuleset } from '@flags/core';

type Kind = 'flags' | 'segments';
type Members = Readonly<Record<string, unknown>>;

/**
 * Whether what a flag serves could differ between two rulesets: its own entry differs, or that of a flag or segment it
 * refers to, directly or not. Entries are equal when they are the same object (a delta shares what it does not touch)
 * or have the same version and digest. Sound, not exact: an entry can change without changing anyone's answer.
 */
export function isAffected(before: CompiledRuleset | undefined, after: CompiledRuleset, key: string): boolean {
  if (before === undefined) return true;
  if (before === after) return false;
  const seen = new Set<string>();
  const open: (readonly [Kind, string])[] = [['flags', key]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [kind, name] = next;
    const id = `${kind}/${name}`;
    if (seen.has(id)) continue;
    seen.add(id);
    const entry = after[kind].get(name);
    if (!isSameEntry(before[kind].get(name), entry)) return true;
    if (isObject(entry)) addReferences(entry, open);
  }
  return false;
}

function isSameEntry(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b)) return false;
  return typeof a['digest'] === 'string' && a['digest'] === b['digest'] && a['version'] === b['version'];
}

/** Adds the prerequisites and segments that an entry's raw JSON names. Iterative: the JSON may be nested without end. */
function addReferences(entry: Members, open: (readonly [Kind, string])[]): void {
  for (const item of listOf(entry['prerequisites'])) {
    if (isObject(item) && typeof item['flag'] === 'string') open.push(['flags', item['flag']]);
  }
  const conditions: unknown[] = [...listOf(entry['rules'])];
  while (conditions.length > 0) {
    const condition = conditions.pop();
    if (!isObject(condition)) continue;
    if (typeof condition['segment'] === 'string') open.push(['segments', condition['segment']]);
    conditions.push(condition['when'], condition['not']);
    for (const item of listOf(condition['all'])) conditions.push(item);
    for (const item of listOf(condition['any'])) conditions.push(item);
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
