import type { Clause } from '@flags/core';
import { bringTo, coercionsOf, kindOf } from './clause.ts';
import { isBucketing, isCount, isObject, isTexts, isUpTo, only, refuse } from './sound.ts';
import { matcherOf } from './pattern.ts';
import { blockOf, instantOf } from './texts.ts';

const MAX_TIME = 8.64e15;

/** What conditions need to know of the world around them. */
export interface Around {
  readonly hasBucketers: boolean;
  /** Steps of a sound segment and how many lie below it; refuses another. */
  readonly segment: (key: string) => { readonly steps: number; readonly depth: number };
}

/** What a sound condition costs, and how deep its segments are. */
export interface Cost {
  readonly steps: number;
  readonly depth: number;
}

/** The cost of a condition; refuses one that is not sound. */
export function costOf(raw: unknown, around: Around, level = 0): Cost {
  if (level > 32 || !isObject(raw)) refuse();
  if (Object.hasOwn(raw, 'attr')) return { steps: 1 + clauseSteps(raw), depth: 0 };
  const [name, ...more] = Object.keys(raw);
  if (name === undefined || more.length) refuse();
  const member = raw[name];
  switch (name) {
    case 'all':
    case 'any': {
      if (!Array.isArray(member)) refuse();
      const parts = member.map((part) => costOf(part, around, level + 1));
      return {
        steps: parts.reduce((sum, { steps }) => sum + steps, 1),
        depth: Math.max(0, ...parts.map(({ depth }) => depth)),
      };
    }
    case 'not': {
      const { steps, depth } = costOf(member, around, level + 1);
      return { steps: steps + 1, depth };
    }
    case 'segment': {
      if (typeof member !== 'string') refuse();
      const { steps, depth } = around.segment(member);
      return { steps: steps + 2, depth: depth + 1 };
    }
    case 'time':
      return { steps: 1 + windowSteps(member), depth: 0 };
    case 'bucket': {
      if (!isObject(member)) refuse();
      only(member, ['by', 'salt', 'bucketer', 'total', 'from', 'to']);
      const total = isBucketing(member, around.hasBucketers);
      if (!Object.hasOwn(member, 'salt') || !isUpTo(member['to'], total) || !isUpTo(member['from'], member['to']))
        refuse();
      return { steps: 1, depth: 0 };
    }
    default:
      return refuse();
  }
}

function clauseSteps(raw: Readonly<Record<string, unknown>>): number {
  only(raw, ['attr', 'op', 'values', 'as', 'ignoreCase', 'ifMissing']);
  const { attr, op, values, as, ignoreCase, ifMissing } = raw;
  const isPath = typeof attr === 'string' ? attr !== '' : isTexts(attr) && attr.length > 0;
  if (!isPath) refuse();
  if (op === 'exists') return Object.keys(raw).length === 2 ? 0 : refuse();
  const coercions = coercionsOf(op);
  if (!coercions || (Object.hasOwn(raw, 'as') && !coercions.includes(as as string))) refuse();
  for (const [name, flag] of Object.entries({ ignoreCase, ifMissing }))
    if (Object.hasOwn(raw, name) && typeof flag !== 'boolean') refuse();
  if (!Array.isArray(values) || values.length === 0) refuse();

  const clause = raw as unknown as Clause;
  const kind = kindOf(clause);
  const isText = coercions.length === 1 && coercions[0] === 'string';
  // Letters can be folded where what is compared may be text.
  const folds = kind === 'string' || (kind === 'strict' && coercions.includes('string'));
  if (ignoreCase === true && !folds) refuse();
  for (const value of values as readonly unknown[]) {
    if (isText && typeof value !== 'string') refuse();
    if (kind === 'address' ? blockOf(value as string) === undefined : bringTo(kind, value) === undefined) refuse();
    if (kind === 'strict' && !coercions.includes('string') && typeof value !== 'number') refuse();
    if (op === 'matches' && !matcherOf(value as string, ignoreCase === true)) refuse();
  }
  if (op === 'eq' || op === 'in' || op === 'verEq') return 0;
  return values.length * (op === 'matches' ? 100 : 1);
}

function windowSteps(raw: unknown): number {
  if (!isObject(raw)) refuse();
  only(raw, ['from', 'until', 'days', 'start', 'end', 'offsets']);
  const instant = (name: string, none: number): number => {
    if (!Object.hasOwn(raw, name)) return none;
    const text = raw[name];
    return (typeof text === 'string' ? instantOf(text) : undefined) ?? refuse();
  };
  const minute = (name: string, none: number): number => {
    if (!Object.hasOwn(raw, name)) return none;
    return isUpTo(raw[name], 1440) ? raw[name] : refuse();
  };
  if (instant('from', -Infinity) >= instant('until', Infinity) || minute('start', 0) === minute('end', 1440)) refuse();
  const { days = [1], offsets = [] } = raw;
  if (!Array.isArray(days) || !days.length || !days.every((day) => isUpTo(day, 7) && day >= 1)) refuse();
  if (!Array.isArray(offsets)) refuse();
  let last = -Infinity;
  for (const offset of offsets as readonly unknown[]) {
    if (!Array.isArray(offset) || offset.length !== 2) refuse();
    const [from, minutes] = offset as readonly unknown[];
    if (!Number.isInteger(from) || Math.abs(from as number) > MAX_TIME || (from as number) <= last) refuse();
    if (!Number.isInteger(minutes) || !isCount(Math.abs(minutes as number)) || Math.abs(minutes as number) > 1440)
      refuse();
    last = from as number;
  }
  return offsets.length;
}
