import type { CompiledRuleset } from './compiled.ts';
import { dependenciesOf } from './dependencies.ts';
import { compileFlag } from './flag.ts';
import type { Segment } from './ruleset.ts';

/** Keys of segments, by the path of the unit that they are about. */
export type SegmentsByUnit = ReadonlyMap<string, ReadonlySet<string>>;

interface Known {
  /** The path of every external segment, whether a flag depends on it or not. */
  readonly paths: ReadonlyMap<string, string>;
  all?: SegmentsByUnit;
}

const known = new WeakMap<CompiledRuleset, Known>();
const NONE: SegmentsByUnit = new Map();

/**
 * The external segments that these flags depend on, directly or not; without `flags` all that any sound flag does. Who is in them has
 * to be in the context before a read, as `EXTERNAL_SEGMENTS`. What holds for all flags is the same object until the rules change. A
 * ruleset without external segments costs a look at each of its segments, once.
 */
export function externalSegmentsOf(ruleset: CompiledRuleset, flags?: readonly string[]): SegmentsByUnit {
  let found = known.get(ruleset);
  if (!found) {
    found = { paths: externalOf(ruleset) };
    known.set(ruleset, found);
  }
  if (found.paths.size === 0) return NONE;
  if (flags) return reachable(ruleset, flags, found.paths);
  return (found.all ??= reachable(ruleset, ruleset.flags.keys(), found.paths));
}

function externalOf({ segments }: CompiledRuleset): Map<string, string> {
  const paths = new Map<string, string>();
  for (const [key, segment] of segments) {
    const { external, by = 'targetingKey' } = (segment ?? {}) as Partial<Segment>;
    if (external === true) paths.set(key, by);
  }
  return paths;
}

function reachable(
  ruleset: CompiledRuleset,
  flags: Iterable<string>,
  paths: ReadonlyMap<string, string>,
): SegmentsByUnit {
  const found = new Map<string, Set<string>>();
  for (const key of flags) {
    const flag = compileFlag(ruleset, key);
    if (typeof flag !== 'object') continue;
    for (const dependency of dependenciesOf(flag)) {
      if (typeof dependency !== 'string' || !dependency.startsWith('segment/')) continue;
      const segment = dependency.slice('segment/'.length);
      const by = paths.get(segment);
      if (by === undefined) continue;
      const keys = found.get(by);
      if (keys) keys.add(segment);
      else found.set(by, new Set([segment]));
    }
  }
  return found;
}
