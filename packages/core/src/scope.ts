import { fail, type ProblemCode } from './broken.ts';
import type { CompiledRuleset, CompiledSegment } from './compiled.ts';
import { MAX_STEPS } from './limits.ts';

/** What is known, and counted, while one entry is compiled. */
export interface Scope {
  readonly ruleset: CompiledRuleset;
  /** The compiled segment of that name, or why there is none. */
  readonly segment: (key: string, nesting: number) => CompiledSegment | ProblemCode;
  /** Segments on the way here. */
  readonly nesting: number;
  /** Steps a read can take at worst. */
  steps: number;
  /** Segments below the entry. */
  depth: number;
}

/** Counts what a read may have to do, and sets aside an entry that asks for too much. */
export function charge(scope: Scope, steps: number): void {
  scope.steps += steps;
  if (scope.steps > MAX_STEPS) fail('LIMIT');
}
