import type { Flag, Serve } from '@flags/core';
import type { Answer, CaseAnswers, FuzzCase } from '../case.ts';
import { bucketOf, widthAt } from './bucket.ts';
import { holds, type Moment, type Notice } from './condition.ts';
import { attributeAt, type Context, NoContext, unitAt } from './context.ts';
import { instantOf } from './texts.ts';
import { createWorld, type World } from './world.ts';

interface Outcome {
  readonly variant?: string;
  readonly reason: string;
  readonly ruleId?: string | undefined;
  readonly experiment?: string | undefined;
  readonly errorCode?: string | undefined;
}

const NO_UNIT: Outcome = { reason: 'ERROR', errorCode: 'TARGETING_KEY_MISSING' };

function serve(served: Serve, flag: Flag, moment: Moment, reason: string, ruleId?: string): Outcome {
  const { context, now, notice } = moment;
  if ('variation' in served) return { variant: served.variation, reason, ruleId };
  const salt = flag.salt ?? flag.key;
  if ('progress' in served) {
    const { from, to, points } = served.progress;
    const bucket = bucketOf(served.progress, salt, context);
    if (bucket === undefined) return NO_UNIT;
    const width = widthAt(
      points.map(([at, width]) => [instantOf(at) as number, width] as const),
      now,
    );
    notice(`progress ${bucket < width}`);
    return { variant: bucket < width ? to : from, reason: 'SPLIT', ruleId };
  }
  const { slices, sticky, experiment } = served.split;
  const kept = sticky === undefined ? undefined : attributeAt(context, sticky);
  if (slices.some(([name]) => name === kept)) {
    notice('split sticks');
    return { variant: kept as string, reason: 'SPLIT', ruleId, experiment };
  }
  const bucket = bucketOf(served.split, salt, context);
  if (bucket === undefined) return NO_UNIT;
  notice(
    `split${experiment === undefined ? '' : ' of an experiment'}${served.split.bucketer ? ' by another hash' : ''}`,
  );
  let end = 0;
  const [variant = ''] = slices.find(([, width]) => bucket < (end += width)) ?? [];
  return { variant, reason: 'SPLIT', ruleId, experiment };
}

function decide(flag: Flag, moment: Moment): Outcome {
  const { world, context, notice } = moment;
  const { off, prerequisites = [], targets = [], rules } = flag;
  if (!flag.enabled) return { variant: off, reason: 'DISABLED' };
  for (const { flag: key, variations } of prerequisites) {
    const blocked = (errorCode?: string): Outcome => ({ variant: off, reason: 'PREREQUISITE_FAILED', errorCode });
    const other = world.flag(key);
    if (other === undefined) return blocked('FLAG_NOT_FOUND');
    if (other === 'broken') return blocked('PARSE_ERROR');
    const { variant, errorCode } = decide(other, moment);
    if (errorCode !== undefined) return blocked(errorCode);
    if (!other.enabled || variant === undefined || !variations.includes(variant)) return blocked();
    notice('prerequisite met');
  }
  for (const { variation, keys, by = 'targetingKey' } of targets) {
    const unit = unitAt(context, by);
    if (unit !== undefined && keys.includes(unit)) {
      notice('target');
      return { variant: variation, reason: 'TARGETING_MATCH' };
    }
  }
  for (const { id, when, serve: served } of rules)
    if (holds(when, moment)) return serve(served, flag, moment, 'TARGETING_MATCH', id);
  const isPlain = prerequisites.length + targets.length + rules.length === 0;
  return serve(flag.fallthrough, flag, moment, isPlain ? 'STATIC' : 'DEFAULT');
}

function answer(key: string, fallback: unknown, moment: Moment): Answer {
  const failed = (errorCode: string, version: number | null = null): Answer => [
    fallback,
    null,
    null,
    'ERROR',
    null,
    version,
    null,
    errorCode,
  ];
  const flag = moment.world.flag(key);
  if (flag === undefined) return failed('FLAG_NOT_FOUND');
  if (flag === 'broken') return failed('PARSE_ERROR');
  const { version, type, variations } = flag;
  let outcome: Outcome;
  try {
    outcome = decide(flag, moment);
  } catch (error) {
    return failed(error instanceof NoContext ? 'INVALID_CONTEXT' : 'GENERAL', version);
  }
  const { variant, reason, ruleId = null, experiment = null, errorCode = null } = outcome;
  if (variant === undefined) return failed(errorCode ?? '', version);
  if (fallback !== null && typeof fallback !== type) return failed('TYPE_MISMATCH', version);
  const variation = variations.findIndex(({ name }) => name === variant);
  return [variations[variation]?.value, variant, variation, reason, ruleId, version, experiment, errorCode];
}

/**
 * What every runtime has to say of a case, by a deliberately simple evaluator that was written from the text of the format
 * and shares no code with core.
 */
export function oracleAnswers(
  { ruleset, withBucketers, keys, asks }: FuzzCase,
  notice: Notice,
): CaseAnswers['answers'] {
  const world: World = createWorld(ruleset, withBucketers);
  return asks.map(({ context, now, fallback }) =>
    keys.map((key) => {
      const moment: Moment = { world, context: context as Context, now, notice };
      const first = answer(key, null, moment);
      const [, , , reason, , , , errorCode] = first;
      notice(`reason ${reason}`);
      if (errorCode !== null) notice(`error ${errorCode}${reason === 'ERROR' ? '' : ' of a prerequisite'}`);
      const typed = answer(key, fallback, { ...moment, notice: () => {} });
      if (typed[7] === 'TYPE_MISMATCH') notice('error TYPE_MISMATCH');
      return [first, typed] as const;
    }),
  );
}
