import type { CompiledRuleset, EvaluationContext } from '@flags/core';
import { EXTERNAL_SEGMENTS } from '@flags/core';
import type { CreateSegments, SegmentsObserver } from '@flags/sync';
import { originalOf, UNRESOLVED_SEGMENTS } from '@flags/sync';
import type { Evaluator } from './evaluator.ts';
import type { RelayLog } from './log.ts';
import { steadyClock } from './steady-clock.ts';

/** Keeps the segments of one context current. */
export interface SegmentWatch {
  /** Looks now: the rules are others. */
  check(): void;
  stop(): void;
}

/** Looks external segments up for contexts that flags are evaluated for here. */
export interface ContextSegments {
  /** The context with the external segments that it is in, for these rules and flags; all flags when absent. */
  prepare(
    rules: CompiledRuleset | undefined,
    context: EvaluationContext,
    flags?: readonly string[],
  ): EvaluationContext | Promise<EvaluationContext>;
  /** Looks again and again, as often as answers grow old, and calls back with the context when it is in others. */
  watch(context: EvaluationContext, onChange: (next: EvaluationContext) => void): SegmentWatch;
}

/** What looking up runs on. */
export interface ContextSegmentsOptions {
  readonly create: CreateSegments;
  readonly evaluator: Pick<Evaluator, 'rules'>;
  readonly observer: SegmentsObserver;
  readonly log: RelayLog;
}

/** Creates what looks segments up, over the rules at the head. */
export function createContextSegments({ create, evaluator, observer, log }: ContextSegmentsOptions): ContextSegments {
  const logger = { info: (text: string) => log.info({}, text), warn: (text: string) => log.warn({}, text) };
  const segments = create({ clock: steadyClock, random: Math.random, logger, observer });

  return {
    prepare: (rules, context, flags) => (rules === undefined ? context : segments.resolve(rules, context, { flags })),
    watch: (context, onChange) => {
      // What was looked up before is no part of what is asked.
      const given = originalOf(context);
      let known = textOf(context);
      let isOver = false;
      let timer: NodeJS.Timeout | undefined;
      const take = (next: EvaluationContext): void => {
        // What cannot be asked about stays as it was.
        if (isOver || Object.hasOwn(next, UNRESOLVED_SEGMENTS) || textOf(next) === known) return;
        known = textOf(next);
        onChange(next);
      };
      const look = async (): Promise<void> => {
        const rules = evaluator.rules();
        if (isOver || rules === undefined) return;
        // What is old is told at once, and what came of asking anew right after it.
        let later: Promise<unknown> | undefined;
        take(await segments.resolve(rules, given, { later: (work) => void (later = work) }));
        if (later === undefined) return;
        await later;
        if (!isOver) take(await segments.resolve(rules, given));
      };
      const arm = (): void => {
        timer = setTimeout(
          () => {
            arm();
            void look();
          },
          segments.ttlMs * (0.8 + 0.4 * Math.random()),
        ).unref();
      };
      arm();
      return {
        check: () => void look(),
        stop: () => {
          isOver = true;
          clearTimeout(timer);
        },
      };
    },
  };
}

function textOf(context: EvaluationContext): string {
  return JSON.stringify(context[EXTERNAL_SEGMENTS] ?? []);
}
