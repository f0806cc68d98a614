import type { CompiledFlag, CompiledSegment, CompiledServe, Node, Rollout } from './compiled.ts';
import type { Window } from './schedule.ts';

/** What an entry depends on, itself or through another. */
export interface Surroundings {
  /** Every entry it refers to, as `flag/key` and `segment/key`. */
  readonly refs: ReadonlySet<string>;
  /** Everything in it that moves by the clock. */
  readonly timed: ReadonlySet<Window | Rollout>;
}

interface Draft {
  readonly refs: Set<string>;
  readonly timed: Set<Window | Rollout>;
}

// Gathered when an update or a timer first asks: who only reads pays nothing, in time or in bytes.
const known = new WeakMap<CompiledFlag | CompiledSegment, Surroundings>();
// Most entries have neither, and sets for each would be most of what they hold.
const NONE: ReadonlySet<never> = new Set();

function refer(draft: Draft, ref: string, entry: CompiledFlag | CompiledSegment | undefined): void {
  draft.refs.add(ref);
  if (!entry) return;
  const { refs, timed } = surroundingsOf(entry);
  for (const other of refs) draft.refs.add(other);
  for (const other of timed) draft.timed.add(other);
}

function addCondition(draft: Draft, { op, data }: Node): void {
  if (op === 'all' || op === 'any') for (const part of data) addCondition(draft, part);
  else if (op === 'segment') refer(draft, `segment/${data.key}`, data);
  else if (op === 'time') draft.timed.add(data);
}

function addServe(draft: Draft, { buckets, points }: CompiledServe): void {
  if (buckets && points) draft.timed.add({ buckets, points });
}

/** What a compiled entry depends on. */
export function surroundingsOf(entry: CompiledFlag | CompiledSegment): Surroundings {
  const ready = known.get(entry);
  if (ready) return ready;
  const draft: Draft = { refs: new Set(), timed: new Set() };
  if ('fallthrough' in entry) {
    for (const { key, flag } of entry.prerequisites)
      refer(draft, `flag/${key}`, typeof flag === 'object' ? flag : undefined);
    for (const { when, serve } of entry.rules) {
      addCondition(draft, when);
      addServe(draft, serve);
    }
    addServe(draft, entry.fallthrough);
  } else for (const rule of entry.rules) addCondition(draft, rule);
  const { refs, timed } = draft;
  const made = { refs: refs.size ? refs : NONE, timed: timed.size ? timed : NONE };
  known.set(entry, made);
  return made;
}
