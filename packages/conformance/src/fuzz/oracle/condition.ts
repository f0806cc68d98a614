import type { Condition, Segment, TimeWindow } from '@flags/core';
import { bucketOf } from './bucket.ts';
import { clauseSays } from './clause.ts';
import { attributeAt, type Context, unitAt } from './context.ts';
import { instantOf } from './texts.ts';
import type { World } from './world.ts';

/** Takes note of what an evaluation came across. */
export type Notice = (what: string) => void;

/** Who asks, when, and what is known. */
export interface Moment {
  readonly world: World;
  readonly context: Context;
  readonly now: number;
  readonly notice: Notice;
}

/** Whether a sound condition holds. A negation goes down to the leaves, where a missing attribute has the last word. */
export function holds(condition: Condition, moment: Moment, not = false): boolean {
  const { context, now, notice } = moment;
  const told = (what: string, outcome: boolean): boolean => {
    notice(`${not ? 'not ' : ''}${what} ${outcome ? 'holds' : 'fails'}`);
    return outcome;
  };
  if ('attr' in condition && Object.hasOwn(condition, 'attr')) {
    const said = clauseSays(condition, context);
    const { op, as, ignoreCase, ifMissing = false } = condition;
    const name = `op ${op}`;
    if (as) notice(`as ${as} in ${op}`);
    if (ignoreCase) notice(`ignoreCase in ${op}`);
    if (op === 'exists') return told(name, (said === true) !== not);
    if (said !== undefined) return told(name, said !== not);
    notice(`${name} missing`);
    return told(`ifMissing ${ifMissing}`, ifMissing);
  }
  if ('not' in condition) return holds(condition.not, moment, !not);
  if ('all' in condition || 'any' in condition) {
    const isAll = 'all' in condition;
    const parts = 'all' in condition ? condition.all : condition.any;
    const test = (part: Condition): boolean => holds(part, moment, not);
    return told(isAll ? 'all' : 'any', isAll === not ? parts.some(test) : parts.every(test));
  }
  if ('segment' in condition) return told('segment', isMember(moment.world.segment(condition.segment), moment) !== not);
  if ('time' in condition) return told('time', isOpen(condition.time, now, notice) !== not);
  const { bucket: range } = condition as { readonly bucket: { salt: string; from: number; to: number } };
  const bucket = bucketOf(range, range.salt, context);
  if (bucket === undefined) notice('bucket without a unit');
  return told('bucket', bucket !== undefined && (bucket >= range.from && bucket < range.to) !== not);
}

function isMember(
  { key, include = [], exclude = [], rules = [], by = 'targetingKey', external }: Segment,
  moment: Moment,
): boolean {
  const { context, notice } = moment;
  const unit = unitAt(context, by);
  const told = (what: string, outcome: boolean): boolean => {
    notice(`segment ${what}`);
    return outcome;
  };
  if (external) {
    const listed = attributeAt(context, ['$segments']);
    const isListed = (Array.isArray(listed) ? listed.slice(0, listed.length > 1000 ? 0 : 1000) : [listed]).includes(
      key,
    );
    return told(`external ${isListed}`, isListed);
  }
  if (unit !== undefined && exclude.includes(unit)) return told('excludes', false);
  if (unit !== undefined && include.includes(unit)) return told('includes', true);
  const isIn = rules.some((rule) => holds(rule, moment));
  return told(`rules ${isIn}`, isIn);
}

function isOpen(window: TimeWindow, now: number, notice: Notice): boolean {
  const { from, until, days = [1, 2, 3, 4, 5, 6, 7], start = 0, end = 1440, offsets = [] } = window;
  if (from !== undefined && now < (instantOf(from) as number)) return false;
  if (until !== undefined && now >= (instantOf(until) as number)) return false;
  const [, minutes = 0] = offsets.findLast(([at]) => at <= now) ?? offsets[0] ?? [];
  if (offsets.length) notice('time with offsets');
  const local = Math.floor(now / 60_000) + minutes;
  const minute = ((local % 1440) + 1440) % 1440;
  let day = (local - minute) / 1440;
  if (start > end) {
    notice('time over midnight');
    if (minute >= end && minute < start) return false;
    // What comes after midnight belongs to the day before.
    if (minute < end) day -= 1;
  } else if (minute < start || minute >= end) return false;
  // 1 January 1970 was a Thursday, the fourth day.
  const weekday = ((((day + 3) % 7) + 7) % 7) + 1;
  return days.includes(weekday);
}
