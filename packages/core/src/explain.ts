import type { ProblemCode } from './broken.ts';
import type { CompiledRuleset } from './compiled.ts';
import { type EvaluationContext, type Path, readUnit } from './context.ts';
import { evaluate, whyUnmet } from './evaluate.ts';
import { compileFlag } from './flag.ts';
import type { Resolution } from './resolution.ts';
import type { Flag } from './ruleset.ts';
import { type ConditionTrace, type ServeTrace, traceCondition, traceServe } from './trace.ts';
import { conditionLines, indent, pathText, serveText, show } from './trace-text.ts';

/** A flag that another one needs. */
export interface PrerequisiteTrace {
  readonly key: string;
  /** The variations it has to serve, one of them. */
  readonly variations: readonly string[];
  readonly reached: boolean;
  readonly met: boolean | undefined;
  /** How that flag was decided: what it served, or why it could not; absent when not reached. */
  readonly explanation: Explanation | undefined;
}

/** Neighbouring targets that read the same attribute. */
export interface TargetTrace {
  readonly by: Path;
  readonly reached: boolean;
  readonly unit: string | undefined;
  /** The variation of the target that lists the unit. */
  readonly variation: string | undefined;
}

/** A rule: its condition and, when that holds, what it served. */
export interface RuleTrace {
  readonly id: string;
  readonly reached: boolean;
  readonly matched: boolean | undefined;
  /** The condition; its parts say what was not reached. */
  readonly when: ConditionTrace;
  readonly serve: ServeTrace | undefined;
}

/** Why a flag gave its answer: every step in the order it is taken, also those that were not reached. */
export interface Explanation {
  readonly key: string;
  /** The time it was asked for, in epoch ms. */
  readonly now: number;
  /** What `evaluate` gives with a `null` default. */
  readonly outcome: Resolution;
  /** Why the flag was set aside; `validateRuleset` has the details. */
  readonly problem: ProblemCode | undefined;
  /** Absent for a flag that is unknown or broken. */
  readonly enabled: boolean | undefined;
  readonly prerequisites: readonly PrerequisiteTrace[];
  readonly targets: readonly TargetTrace[];
  readonly rules: readonly RuleTrace[];
  /** Absent when not reached. */
  readonly fallthrough: ServeTrace | undefined;
}

type Draft = {
  -readonly [Member in keyof Explanation]: Explanation[Member] extends readonly (infer Item)[]
    ? Item[]
    : Explanation[Member];
};

/**
 * Explains what `evaluate` gives for this flag, context and time (epoch ms). Never throws; a context whose getter throws
 * ends the trace where that happened. **It shows the context's values and what targets and rules compare them with: give
 * it only to those who may see both.**
 */
export function explain(compiled: CompiledRuleset, key: string, context: EvaluationContext, now: number): Explanation {
  const flag = compileFlag(compiled, key);
  const isSound = typeof flag === 'object';
  const draft: Draft = {
    key,
    now,
    outcome: evaluate(compiled, key, context, null, now),
    problem: isSound ? undefined : flag,
    enabled: isSound ? flag.enabled : undefined,
    prerequisites: [],
    targets: [],
    rules: [],
    fallthrough: undefined,
  };
  if (!isSound) return draft;
  const raw = compiled.flags.get(key) as Flag;
  let reached = flag.enabled;
  try {
    for (const prerequisite of flag.prerequisites) {
      const { key: other, variations } = prerequisite;
      const met = reached ? whyUnmet(prerequisite, context, now) === undefined : undefined;
      const explanation = reached ? explain(compiled, other, context, now) : undefined;
      draft.prerequisites.push({ key: other, variations, reached, met, explanation });
      reached &&= met === true;
    }
    for (const { path, units } of flag.targets) {
      const unit = reached ? readUnit(context, path) : undefined;
      const variation = units.get(unit!)?.variant;
      draft.targets.push({ by: path, reached, unit, variation });
      reached &&= variation === undefined;
    }
    for (const [index, { id, when, serve }] of flag.rules.entries()) {
      const authored = raw.rules[index]!;
      const trace = traceCondition(compiled, authored.when, when, context, now, reached);
      const served = trace.holds ? traceServe(authored.serve, serve, context, now) : undefined;
      draft.rules.push({ id, reached, matched: trace.holds, when: trace, serve: served });
      reached &&= !trace.holds;
    }
    if (reached) draft.fallthrough = traceServe(raw.fallthrough, flag.fallthrough, context, now);
  } catch {
    // The outcome says so: `evaluate` met the same.
  }
  return draft;
}

/** The explanation in a few lines for people to read. Shows the same private values. */
export function describe(explanation: Explanation): string {
  return lines(explanation).join('\n');
}

function lines({ key, outcome, problem, prerequisites, targets, rules, fallthrough }: Explanation): readonly string[] {
  const { value, variant, reason, ruleId, errorCode } = outcome;
  const served = variant === undefined ? 'no answer' : `${variant} = ${show(value)}`;
  const why = [reason, errorCode, problem, ruleId === undefined ? ruleId : `rule ${ruleId}`];
  const text = [`${key}: ${served} (${why.filter((part) => part !== undefined).join(', ')})`];
  const skipped: string[] = [];
  for (const { key: other, variations, met, explanation } of prerequisites) {
    if (explanation) {
      text.push(`  prerequisite ${other} has to serve ${variations.join(' or ')}: ${met ? 'met' : 'not met'}`);
      text.push(...indent(indent(lines(explanation))));
    } else skipped.push(`prerequisite ${other}`);
  }
  for (const { by, reached, unit, variation } of targets) {
    if (!reached) skipped.push(`targets by ${pathText(by)}`);
    else text.push(`  targets by ${pathText(by)} ${show(unit)}: ${variation ?? 'none'}`);
  }
  for (const { id, reached, matched, when, serve } of rules) {
    if (!reached) skipped.push(`rule ${id}`);
    else text.push(`  rule ${id} ${matched ? 'matches' : 'does not match'}`, ...indent(indent(conditionLines(when))));
    if (serve) text.push(`    ${serveText(serve)}`);
  }
  if (fallthrough) text.push(`  fallthrough ${serveText(fallthrough)}`);
  else skipped.push('fallthrough');
  // Nothing of an unknown or a broken flag was there to be reached.
  if (outcome.version !== undefined && skipped.length) text.push(`  not reached: ${skipped.join(', ')}`);
  return text;
}
