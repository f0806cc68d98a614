type Container = Record<string, unknown> | unknown[];
type Path = readonly (string | number)[];

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** A copy of the document without the member or item there. */
function without(document: unknown, [first, ...rest]: Path): unknown {
  if (Array.isArray(document)) {
    return rest.length
      ? document.map((item: unknown, at) => (at === first ? without(item, rest) : item))
      : document.filter((_, at) => at !== first);
  }
  // By entries, so that `__proto__` stays an own member.
  const entries = Object.entries(document as Record<string, unknown>);
  return Object.fromEntries(
    rest.length
      ? entries.map(([name, value]) => [name, name === first ? without(value, rest) : value])
      : entries.filter(([name]) => name !== first),
  );
}

/** Where something may be left out, large parts first. */
function pathsIn(document: unknown, depth: number, path: Path = []): readonly Path[] {
  const level: Path[] = [];
  const below: Path[] = [];
  if (!isContainer(document) || path.length > 40) return [];
  for (const [name, value] of Object.entries(document)) {
    const next = [...path, Array.isArray(document) ? Number(name) : name];
    if (next.length > depth) level.push(next);
    below.push(...pathsIn(value, depth, next));
  }
  return [...level, ...below];
}

/** Asks which of these texts still show what is looked for: the first one's place, or −1. */
export type FirstOf = (texts: readonly string[]) => Promise<number>;

interface Parts {
  ruleset: unknown;
  start?: unknown;
  changes?: unknown;
  keys: readonly unknown[];
  asks: readonly { context: unknown }[];
}

/** Smaller cases, most hopeful first. */
function* candidatesOf(parts: Parts): Generator<Parts> {
  const { ruleset, keys, asks } = parts;
  const { start, changes, ...direct } = parts;
  const isDirect = start === undefined && changes === undefined;
  // The way there must lead there, so what is left out of the ruleset is left out of the way too; best is none.
  if (!isDirect) yield direct;
  for (const [list, name] of [
    [asks, 'asks'],
    [keys, 'keys'],
  ] as const) {
    for (let size = list.length >> 1; size > 0; size >>= 1)
      for (let at = 0; at < list.length; at += size) {
        const kept = list.filter((_, place) => place < at || place >= at + size);
        if (kept.length) yield { ...parts, [name]: kept };
      }
  }
  if (isDirect) {
    for (const path of pathsIn(ruleset, 1)) {
      yield { ...parts, ruleset: without(ruleset, path) };
    }
  }
  for (const [at, ask] of asks.entries())
    for (const path of pathsIn(ask.context, 0)) {
      const smaller = { ...ask, context: without(ask.context, path) };
      yield { ...parts, asks: asks.map((each, place) => (place === at ? smaller : each)) };
    }
}

const BATCH = 40;

/** Leaves out of a case, as JSON text, whatever can be left out while it still shows what is looked for, until `until` (epoch ms). */
export async function reduceCase(text: string, firstOf: FirstOf, until: number): Promise<string> {
  let smallest = text;
  let from = 0;
  let isSmaller = false;
  for (;;) {
    const candidates = [...candidatesOf(parse(smallest) as Parts)].map(write);
    if (from >= candidates.length && !isSmaller) return smallest;
    if (from >= candidates.length) {
      from = 0;
      isSmaller = false;
    }
    if (Date.now() > until) return smallest;
    const batch = candidates.slice(from, from + BATCH);
    const place = await firstOf(batch);
    const found = batch[place];
    // What comes next stands at the same place now.
    from += found === undefined ? batch.length : place;
    if (found !== undefined && found.length < smallest.length) {
      smallest = found;
      isSmaller = true;
    } else if (found !== undefined) from += 1;
  }
}

// Numbers that `JSON` would lose are kept as they were written, by a tag no text has.
const TAG = '\u0000number ';
const parse = (text: string): unknown =>
  JSON.parse(
    text.replace(
      /("(?:[^"\\]|\\.)*")|-0(?![\d.eE])|-?1e999/g,
      (found, quoted?: string) => quoted ?? JSON.stringify(TAG + found),
    ),
  );
const write = (value: unknown): string => JSON.stringify(value).replace(/"\\u0000number ([^"]*)"/g, '$1');
