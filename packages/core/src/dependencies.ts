import type { CompiledFlag, CompiledPrerequisite, CompiledSegment, CompiledServe, Node, Rollout } from './compiled.ts';
import type { Window } from './schedule.ts';

/** What may change an answer besides the entry itself: another one, as `flag/key` or `segment/key`, or the clock. */
export type Dependency = string | Window | Rollout;

/** Stands among the dependencies of what depends on an entry that was set aside. */
export const BROKEN = '';

// Gathered when an update or a timer first asks: who only reads pays nothing, in time or in bytes.
const known = new WeakMap<CompiledFlag | CompiledSegment, ReadonlySet<Dependency>>();
// Most entries have none, and a set for each would be most of what they hold.
const NONE: ReadonlySet<never> = new Set();

/** What a compiled entry depends on, itself or through another. */
export function dependenciesOf(entry: CompiledFlag | CompiledSegment): ReadonlySet<Dependency> {
  const ready = known.get(entry);
  if (ready) return ready;
  const found = new Set<Dependency>();
  const addEntry = (ref: string, other: CompiledPrerequisite['flag'] | CompiledSegment): void => {
    found.add(ref);
    if (typeof other === 'string') found.add(BROKEN);
    if (typeof other === 'object') for (const dependency of dependenciesOf(other)) found.add(dependency);
  };
  const addCondition = ({ op, data }: Node): void => {
    if (op === 'all' || op === 'any') for (const part of data) addCondition(part);
    else if (op === 'segment') addEntry(`segment/${data.key}`, data);
    else if (op === 'time') found.add(data);
  };
  const addServe = ({ buckets, points }: CompiledServe): void => {
    if (buckets && points) found.add({ buckets, points });
  };
  for (const rule of entry.rules) {
    if ('op' in rule) addCondition(rule);
    else {
      addCondition(rule.when);
      addServe(rule.serve);
    }
  }
  if ('fallthrough' in entry) {
    addServe(entry.fallthrough);
    for (const { key, flag } of entry.prerequisites) addEntry(`flag/${key}`, flag);
  }
  known.set(entry, found.size ? found : NONE);
  return found;
}
