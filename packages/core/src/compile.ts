import type { Bucketer } from './bucket.ts';
import type { ProblemCode } from './broken.ts';
import type { CompiledFlag, CompiledRuleset, CompiledSegment } from './compiled.ts';
import { BROKEN, dependenciesOf } from './dependencies.ts';
import { createEntries, keysOf, overwriteEntries } from './entries.ts';
import { compileFlag } from './flag.ts';
import type { RulesetChange } from './ruleset.ts';
import { isObject } from './shape.ts';

/** What compiling may be told. */
export interface CompileOptions {
  /** Hashes that splits may name as their `bucketer`, for flags that come from elsewhere. */
  readonly bucketers?: Readonly<Record<string, Bucketer>>;
}

/**
 * Prepares a ruleset for evaluation. Never throws, whatever comes in: a document that is no ruleset of format 1 gives one
 * without flags that says why in `invalid`; a broken flag is set aside and the others live. Flags are compiled by their
 * first read. The JSON is kept, not copied, and variations' values are frozen: hand it over and let go of it.
 */
export function compileRuleset(json: unknown, options?: CompileOptions): CompiledRuleset {
  try {
    return prepare(json, options);
  } catch {
    // No JSON throws: a getter or a proxy did.
    return prepare(undefined, options);
  }
}

function prepare(json: unknown, options: CompileOptions = {}): CompiledRuleset {
  const raw = isObject(json) ? json : {};
  const { format, environment, epoch, version, flags } = raw;
  const segments = raw['segments'] ?? {};
  const isSound = Number.isSafeInteger(version) && typeof epoch === 'string' && isObject(flags) && isObject(segments);
  const invalid = format !== 1 ? 'FORMAT' : isSound ? undefined : 'TYPE';
  return {
    environment: typeof environment === 'string' ? environment : '',
    epoch: invalid ? '' : (epoch as string),
    version: invalid ? 0 : (version as number),
    invalid,
    flags: createEntries(invalid ? {} : (flags as object)),
    segments: createEntries(invalid ? {} : segments),
    seals: raw['seals'],
    bucketers: options.bucketers ?? {},
    readyFlags: new Map(),
  };
}

/**
 * The ruleset after a change. What the change does not reach is shared with the old one, which stays as it was; a flag is
 * compiled again only if it, or a flag or segment it depends on, changed. Never throws.
 */
export function updateRuleset(compiled: CompiledRuleset, change: RulesetChange): CompiledRuleset {
  const { epoch = compiled.epoch, version, flags, segments, seals } = change;
  // What is broken may be healed by any change, so what depends on it is looked at again.
  const changed = new Set<unknown>([BROKEN]);
  for (const key of keysOf(flags)) changed.add(`flag/${key}`);
  const flagsAlone = changed.size;
  for (const key of keysOf(segments)) changed.add(`segment/${key}`);
  const reachesSegments = changed.size > flagsAlone;
  const isReached = (entry: CompiledFlag | CompiledSegment): boolean => {
    // Most stand alone, or on what no such change touches.
    if (!(reachesSegments && entry.depth) && !('prerequisites' in entry && entry.prerequisites.length)) return false;
    for (const dependency of dependenciesOf(entry)) if (changed.has(dependency)) return true;
    return false;
  };
  return {
    ...compiled,
    readyFlags: new Map(),
    epoch,
    version,
    flags: overwriteEntries(compiled.flags, flags, isReached),
    segments: overwriteEntries(compiled.segments, segments, isReached),
    seals,
  };
}

/** Why the flag was set aside, `undefined` when it is sound or there is none of that key. */
export function problemOf(compiled: CompiledRuleset, key: string): ProblemCode | undefined {
  const flag = compileFlag(compiled, key);
  return typeof flag === 'string' ? flag : undefined;
}

/** Every flag that is sound, compiled. */
export function* compiledFlags(compiled: CompiledRuleset): Generator<CompiledFlag> {
  for (const key of compiled.flags.keys()) {
    const flag = compileFlag(compiled, key);
    if (typeof flag === 'object') yield flag;
  }
}
