import type { CompiledRuleset } from './compiled.ts';
import { isObject } from './shape.ts';

/** How entries of a ruleset lead to each other. */
export interface References {
  /** The keys on the shortest way from one flag to another by prerequisites, both with it; `undefined` when there is none. */
  readonly flagWay: (from: string, to: string) => readonly string[] | undefined;
  /** The same, from segment to segment. */
  readonly segmentWay: (from: string, to: string) => readonly string[] | undefined;
}

// A way that is longer is of no use to its reader.
const MOST = 1000;

/** The keys that `find` gives for an entry, found once. */
function remember(entries: Pick<ReadonlyMap<string, unknown>, 'get'>, find: (entry: unknown) => readonly string[]) {
  const known = new Map<string, readonly string[]>();
  return (key: string): readonly string[] => {
    const found = known.get(key) ?? find(entries.get(key));
    known.set(key, found);
    return found;
  };
}

function prerequisitesOf(flag: unknown): readonly string[] {
  const list = isObject(flag) ? flag['prerequisites'] : undefined;
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  return items.map((item) => (isObject(item) ? item['flag'] : undefined)).filter((key) => typeof key === 'string');
}

// With a list of what is ahead in place of recursion: conditions may be nested as deep as they like here.
function segmentsOf(segment: unknown): readonly string[] {
  const keys = new Set<string>();
  const ahead: unknown[] = isObject(segment) ? [segment['rules']] : [];
  for (let next = ahead.pop(); next !== undefined || ahead.length; next = ahead.pop()) {
    if (Array.isArray(next)) for (const item of next as readonly unknown[]) ahead.push(item);
    else if (isObject(next)) {
      if (typeof next['segment'] === 'string') keys.add(next['segment']);
      ahead.push(next['all'], next['any'], next['not']);
    }
  }
  return [...keys];
}

function findWay(next: (key: string) => readonly string[], from: string, to: string): readonly string[] | undefined {
  const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
  // A map that grows while it is walked: breadth first.
  for (const key of cameFrom.keys()) {
    if (key === to) {
      const way: string[] = [];
      for (let at: string | undefined = key; at !== undefined; at = cameFrom.get(at)) way.unshift(at);
      return way;
    }
    if (cameFrom.size > MOST) return undefined;
    for (const other of next(key)) if (!cameFrom.has(other)) cameFrom.set(other, key);
  }
  return undefined;
}

/** Looks up how the entries of a ruleset lead to each other, whether they are sound or not. */
export function createReferences({ flags, segments }: CompiledRuleset): References {
  const prerequisites = remember(flags, prerequisitesOf);
  const inner = remember(segments, segmentsOf);
  return {
    flagWay: (from, to) => findWay(prerequisites, from, to),
    segmentWay: (from, to) => findWay(inner, from, to),
  };
}
