import { compileRuleset, evaluate, evaluateAll, nextChangeAt, updateRuleset } from '@flags/core';
import type { CompiledRuleset, EvaluationContext, Resolution } from '@flags/core';
import { explain } from '@flags/core/explain';
import { bucketers } from './bucketers.ts';
import type { Answer, CaseAnswers, FuzzCase } from './case.ts';
import { readText, writeText } from './text.ts';

/** An answer as a list. */
export function answerOf(given: Resolution<unknown>): Answer {
  const { value, variant, variation, reason, ruleId, version, experiment, errorCode } = given;
  return [
    value,
    variant ?? null,
    variation ?? null,
    reason,
    ruleId ?? null,
    version ?? null,
    experiment ?? null,
    errorCode ?? null,
  ];
}

/** What this runtime says of a case, and where it contradicts itself. */
export interface ProgramResult {
  /** A `CaseAnswers`, as `writeText` writes it. */
  readonly text: string;
  /** One sentence for each contradiction. */
  readonly problems: readonly string[];
}

type Read = (compiled: CompiledRuleset, key: string, ask: FuzzCase['asks'][number], at?: number) => Answer;

const read: Read = (compiled, key, { context, now }, at = now) =>
  answerOf(evaluate(compiled, key, context as EvaluationContext, null, at));

/** Answers cases, each as `writeText` writes it. The program that every runtime is given. */
export function run(cases: readonly string[]): readonly ProgramResult[] {
  return cases.map(answerCase);
}

function answerCase(text: string): ProgramResult {
  const { ruleset, start = ruleset, changes = [], withBucketers, keys, asks } = readText(text) as FuzzCase;
  const options = withBucketers ? { bucketers } : {};
  const compiled = compileRuleset(ruleset, options);
  const problems: string[] = [];
  const check = (what: string, ask: number, key: string, given: Answer, expected: Answer): void => {
    if (writeText(given) === writeText(expected)) return;
    problems.push(`ask ${ask}, ${JSON.stringify(key)}: ${what} gives ${writeText(given)}, not ${writeText(expected)}`);
  };

  const answers: CaseAnswers['answers'] = asks.map((ask) =>
    keys.map((key) => {
      const typed = evaluate(compiled, key, ask.context as EvaluationContext, ask.fallback, ask.now);
      return [read(compiled, key, ask), answerOf(typed)] as const;
    }),
  );

  // The same ruleset by another way: what was read before a change decides what it finds compiled.
  let changed = compileRuleset(start, options);
  for (const [index, change] of changes.entries()) {
    const ask = asks[index % asks.length];
    if (ask) for (const key of keys.slice(index % 2)) read(changed, key, ask);
    changed = updateRuleset(changed, change);
  }

  const next = asks.map((ask, index) => {
    const context = ask.context as EvaluationContext;
    const all = evaluateAll(compiled, context, ask.now);
    const at = nextChangeAt(compiled, ask.now, context);
    const moments = momentsUntil(ask.now, at);
    for (const [place, key] of keys.entries()) {
      const expected = answers[index]?.[place]?.[0] as Answer;
      check('updateRuleset', index, key, read(changed, key, ask), expected);
      const own = Object.getOwnPropertyDescriptor(all, key);
      if (own) check('evaluateAll', index, key, answerOf(own.value as Resolution), expected);
      else if (compiled.flags.has(key)) problems.push(`ask ${index}: evaluateAll leaves ${JSON.stringify(key)} out`);
      check('explain', index, key, answerOf(explain(compiled, key, context, ask.now).outcome), expected);
      const served = evaluate(compiled, key, context, null, ask.now);
      for (const moment of moments) {
        const then = evaluate(compiled, key, context, null, moment);
        // The same outcome is the same object, but for errors.
        if (then !== served) check(`${moment}, before nextChangeAt,`, index, key, answerOf(then), expected);
      }
    }
    return at ?? null;
  });
  return { text: writeText({ answers, next }), problems };
}

const STEP = 6 * 3_600_000;
const NINE_DAYS = 36 * STEP;

/** When nothing may have changed yet: just before the next change, and at edges of windows that could have been passed over. */
function momentsUntil(now: number, next: number | undefined): readonly number[] {
  const end = Math.min(next ?? Infinity, now + NINE_DAYS);
  const moments = next === undefined ? [] : [Math.max(now, next - 1)];
  for (let at = Math.ceil(now / STEP) * STEP; at < end; at += STEP) moments.push(at);
  return moments;
}
