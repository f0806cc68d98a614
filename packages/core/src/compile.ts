import type { Bucketer } from './bucket.ts';
import type { ProblemCode } from './broken.ts';
import type { CompiledFlag, CompiledRuleset, CompiledSegment } from './compiled.ts';
import { dependenciesOf } from './dependencies.ts';
import { compileFlag } from './flag.ts';
import type { RulesetChange } from './ruleset.ts';
import { isObject } from './shape.ts';

/** What compiling may be told. */
export interface CompileOptions {
  /** Hashes that splits may name as their `bucketer`, for flags that come from elsewhere. */
  readonly bucketers?: Readonly<Record<string, Bucketer>>;
}

type Members = Readonly<Record<string, unknown>>;

const entriesOf = (value: unknown): Map<string, unknown> => new Map(Object.entries(value as Members));

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
    flags: entriesOf(invalid ? {} : flags),
    segments: entriesOf(invalid ? {} : segments),
    seals: raw['seals'],
    bucketers: options.bucketers ?? {},
    readyFlags: new Map(),
    readySegments: new Map(),
  };
}

function overwrite(
  entries: ReadonlyMap<string, unknown>,
  change: unknown,
  kind: string,
  changed: Set<string>,
): ReadonlyMap<string, unknown> {
  if (!isObject(change)) return entries;
  const next = new Map(entries);
  for (const key of Object.keys(change)) {
    changed.add(`${kind}/${key}`);
    if (change[key] === null) next.delete(key);
    else next.set(key, change[key]);
  }
  return next;
}

/**
 * The ruleset after a change. What the change does not reach is shared with the old one, which stays as it was; a flag is
 * compiled again only if it, or a flag or segment it depends on, changed. Never throws.
 */
export function updateRuleset(compiled: CompiledRuleset, change: RulesetChange): CompiledRuleset {
  const changed = new Set<string>();
  const flags = overwrite(compiled.flags, change.flags, 'flag', changed);
  const segments = overwrite(compiled.segments, change.segments, 'segment', changed);
  // What is broken may be healed by any change, so it is looked at again.
  for (const [key, flag] of compiled.readyFlags) if (typeof flag === 'string') changed.add(`flag/${key}`);
  const isReached = (entry: CompiledFlag | CompiledSegment): boolean => {
    for (const dependency of dependenciesOf(entry)) if (changed.has(dependency as string)) return true;
    return false;
  };
  // Copying a map whole and taking out a few is several times faster than filling one entry by entry.
  const keep = <Entry extends CompiledFlag | CompiledSegment>(
    ready: ReadonlyMap<string, Entry | ProblemCode | number | undefined>,
    kind: string,
  ): Map<string, Entry | ProblemCode | number | undefined> => {
    const kept = new Map(ready);
    for (const [key, entry] of ready) if (typeof entry !== 'object' || isReached(entry)) kept.delete(key);
    for (const ref of changed) if (ref.startsWith(kind)) kept.delete(ref.slice(kind.length));
    return kept;
  };
  const ready = {
    readyFlags: keep(compiled.readyFlags, 'flag/') as CompiledRuleset['readyFlags'],
    readySegments: keep(compiled.readySegments, 'segment/'),
  };
  const { epoch = compiled.epoch, version } = change;
  return {
    ...compiled,
    epoch,
    version,
    flags,
    segments,
    seals: change.seals,
    ...ready,
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
