import { fail, type ProblemCode } from './broken.ts';
import type { CompiledRuleset, CompiledSegment, Rollout, Surroundings } from './compiled.ts';
import { MAX_STEPS } from './limits.ts';
import type { Window } from './schedule.ts';

/** What is known, and gathered, while one entry is compiled. */
export interface Scope {
  readonly ruleset: CompiledRuleset;
  /** The compiled segment of that name, or why there is none. */
  readonly segment: (key: string, nesting: number) => CompiledSegment | ProblemCode;
  /** Segments on the way here. */
  readonly nesting: number;
  readonly refs: Set<string>;
  readonly timed: (Window | Rollout)[];
  steps: number;
  depth: number;
}

/** Counts what a read may have to do, and sets aside an entry that asks for too much. */
export function charge(scope: Scope, steps: number): void {
  scope.steps += steps;
  if (scope.steps > MAX_STEPS) fail('LIMIT');
}

/** Takes on what an entry that this one refers to brings with it. */
export function include(scope: Scope, ref: string, entry?: Surroundings): void {
  scope.refs.add(ref);
  for (const other of entry?.refs ?? []) scope.refs.add(other);
  scope.timed.push(...(entry?.timed ?? []));
  charge(scope, 1 + (entry?.steps ?? 0));
}

// Most entries refer to none, and a set for each would be most of what they hold.
const NO_REFS: ReadonlySet<string> = new Set();

/** What the compiled entry keeps of its scope: not the ruleset, or an entry that is shared would keep every older one. */
export function surroundings({ steps, refs, timed, depth }: Scope): Surroundings {
  return { steps, refs: refs.size ? refs : NO_REFS, timed, depth };
}
