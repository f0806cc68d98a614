import type { CompiledRuleset, EvaluationContext, Flag, Segment } from '@flags/core';
import { externalSegments } from '../src/index.ts';
import type { ExternalSegmentsOptions, LookUpSegments, SegmentQuestion, Segments } from '../src/index.ts';
import type { FakeClock } from '../src/testing/index.ts';
import { createFakeClock } from '../src/testing/index.ts';
import { compiled, flagOf } from './rulesets.ts';

/** An external segment, about what stands at `by`. */
export const external = (key: string, by?: string): Segment => ({
  key,
  version: 1,
  digest: key,
  external: true,
  ...(by !== undefined && { by }),
});
/** A flag that is on for who is in this segment. */
export const inSegment = (key: string, segment: string, more: Partial<Flag> = {}): Flag =>
  flagOf(key, 1, false, { rules: [{ id: segment, when: { segment }, serve: { variation: 'on' } }], ...more });

/** Flags that depend on two segments of users and one of organisations. */
export const rules: CompiledRuleset = compiled(
  1,
  [inSegment('a', 'beta', { client: true }), inSegment('b', 'gold'), inSegment('c', 'acme')],
  [external('beta'), external('gold'), external('acme', 'org.id')],
);
/** A user. */
export const user: EvaluationContext = { targetingKey: 'ann' };

/** Segments whose lookups a test answers. */
export interface Bench {
  readonly asked: SegmentQuestion[];
  readonly clock: FakeClock;
  readonly logged: string[];
  readonly observed: string[];
  readonly segments: Segments;
  /** What the next lookups do. */
  answer: LookUpSegments;
  read(context?: EvaluationContext, ruleset?: CompiledRuleset): Promise<EvaluationContext>;
}

/** Creates segments that find everybody in `beta`. */
export function setup(options: ExternalSegmentsOptions = {}): Bench {
  const clock = createFakeClock();
  const logged: string[] = [];
  const log = (text: string): void => void logged.push(text);
  const observed: string[] = [];
  const observer = {
    answered: (from: string) => void observed.push(from),
    lookedUp: (outcome: string, ms: number) => void observed.push(`${outcome} ${ms}`),
  };
  const asked: SegmentQuestion[] = [];
  const lookUp: LookUpSegments = (question) => {
    asked.push(question);
    return bench.answer(question);
  };
  const segments = externalSegments(
    lookUp,
    options,
  )({
    clock,
    random: () => 0.5,
    logger: { info: log, warn: log },
    observer,
  });
  const bench: Bench = {
    asked,
    clock,
    logged,
    observed,
    segments,
    answer: () => ['beta'],
    read: async (context = user, ruleset = rules) => segments.resolve(ruleset, context),
  };
  return bench;
}

/** Lets everything happen that waits for nothing but its turn. */
export const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};
/** What never answers. */
export const never = (): Promise<never> => new Promise(() => {});
/** What a context says of external segments. */
export const segmentsOf = (context: EvaluationContext): unknown => context['$segments'];
