import type { Flag, Segment } from '@flags/core';
import type { Entries } from './entries.ts';

/**
 * What a public client key may see: the flags marked `client: true` and the segments their rules reach. Entries are the
 * very same objects: a view selects, it never edits.
 *
 * Only what is marked for clients itself is sent. Authoring tools refuse a client flag that needs a private flag or
 * segment; should one get here all the same, the private part stays private and the flag breaks in the browser.
 */
export function selectClientView(all: Entries): Entries {
  const flags = new Map<string, Flag>();
  const reached: unknown[] = [];
  for (const [key, flag] of all.flags) {
    if (flag.client !== true) continue;
    flags.set(key, flag);
    // A broken entry is served as it is, so its form is not relied on here.
    if (Array.isArray(flag.rules)) for (const rule of flag.rules) reached.push(rule);
  }
  const segments = new Map<string, Segment>();
  // A list and not the stack: depth costs no frames.
  while (reached.length > 0) {
    const key = expand(reached.pop(), reached);
    const segment = key === undefined || segments.has(key) ? undefined : all.segments.get(key);
    if (key === undefined || segment?.client !== true) continue;
    segments.set(key, segment);
    if (Array.isArray(segment.rules)) reached.push(...segment.rules);
  }
  return { flags, segments };
}

/** The segment a condition names, if it names one; conditions inside it, or inside a rule, are added to the list. */
function expand(condition: unknown, list: unknown[]): string | undefined {
  if (typeof condition !== 'object' || condition === null) return undefined;
  const { segment, all, any, not, when } = condition as Readonly<Record<string, unknown>>;
  if (Array.isArray(all)) list.push(...(all as unknown[]));
  if (Array.isArray(any)) list.push(...(any as unknown[]));
  if (not !== undefined) list.push(not);
  if (when !== undefined) list.push(when);
  return typeof segment === 'string' ? segment : undefined;
}
