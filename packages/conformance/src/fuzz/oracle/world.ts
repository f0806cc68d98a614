import type { Flag, Segment } from '@flags/core';
import { flagSteps } from './sound-flag.ts';
import { type Cost, costOf } from './sound-condition.ts';
import { ifThere, isCount, isName, isObject, isTexts, type Members, only, refuse, soundOr } from './sound.ts';

const MOST_STEPS = 10_000;

/** A ruleset, and which of its entries are sound. */
export interface World {
  /** The flag when it is sound; `'broken'` when it is not, `undefined` when there is none. */
  flag(key: string): Flag | 'broken' | undefined;
  /** A segment that a sound entry refers to. */
  segment(key: string): Segment;
}

const membersOf = (value: unknown): ReadonlyMap<string, unknown> => new Map(Object.entries(value as Members));

/** Whether a document is a ruleset of format 1; each entry may still be broken. */
function isRuleset(raw: unknown): raw is Members {
  if (!isObject(raw)) return false;
  const { format, version, epoch, flags, segments } = raw;
  const isSound = format === 1 && Number.isSafeInteger(version) && typeof epoch === 'string';
  return isSound && isObject(flags) && (segments === undefined || segments === null || isObject(segments));
}

/** Judges every entry of a document, from the text of the format alone. */
export function createWorld(document: unknown, hasBucketers: boolean): World {
  const root: Members = isRuleset(document) ? document : { flags: {} };
  const flags = membersOf(root['flags']);
  const segments = membersOf(root['segments'] ?? {});
  const verdicts = new Map<string, Cost | 'broken'>();
  const costs = new Map<string, number | 'broken'>();

  const segmentCost = (key: string): Cost => {
    let verdict = verdicts.get(key);
    if (verdict === undefined) {
      // What comes back to it while it is looked at is a cycle, and so is all that leads there.
      verdicts.set(key, 'broken');
      verdict = soundOr(() => judgeSegment(key)) ?? 'broken';
      verdicts.set(key, verdict);
    }
    return verdict === 'broken' ? refuse() : verdict;
  };
  const around = { hasBucketers, segment: segmentCost };

  const judgeSegment = (key: string): Cost => {
    const raw = segments.get(key);
    if (!isObject(raw)) refuse();
    only(raw, ['key', 'version', 'digest', 'include', 'exclude', 'rules', 'by', 'client', 'external']);
    if (raw['key'] !== key || !isName(key) || !isCount(raw['version']) || typeof raw['digest'] !== 'string') refuse();
    for (const list of ['include', 'exclude']) ifThere(raw, list, isTexts);
    for (const flag of ['client', 'external']) ifThere(raw, flag, (value) => typeof value === 'boolean');
    ifThere(raw, 'by', isName);
    ifThere(raw, 'rules', Array.isArray);
    const isExternal = raw['external'] === true;
    if (isExternal && ['include', 'exclude', 'rules'].some((name) => Object.hasOwn(raw, name))) refuse();
    // An external one asks a list in the context.
    const parts = isExternal
      ? [{ steps: 1, depth: 0 }]
      : ((raw['rules'] ?? []) as unknown[]).map((rule) => costOf(rule, around));
    const steps = parts.reduce((sum, part) => sum + part.steps, 0);
    const depth = Math.max(0, ...parts.map((part) => part.depth));
    return depth > 8 || steps > MOST_STEPS ? refuse() : { steps, depth };
  };

  /** Every flag that this one leads to, sound or not. */
  const aheadOf = (key: string): ReadonlySet<string> => {
    const ahead = new Set<string>();
    const visit = (from: string): void => {
      const raw = flags.get(from);
      const list: unknown = isObject(raw) && Object.hasOwn(raw, 'prerequisites') ? raw['prerequisites'] : [];
      for (const item of Array.isArray(list) ? (list as readonly unknown[]) : []) {
        const next: unknown = isObject(item) && Object.hasOwn(item, 'flag') ? item['flag'] : undefined;
        if (typeof next !== 'string' || ahead.has(next)) continue;
        ahead.add(next);
        visit(next);
      }
    };
    visit(key);
    return ahead;
  };

  /** The steps of a sound flag; `'broken'`; `undefined` when there is none. */
  const flagCost = (key: string): number | 'broken' | undefined => {
    if (!flags.has(key)) return undefined;
    let cost = costs.get(key);
    if (cost === undefined) {
      cost =
        soundOr(() => {
          const ahead = aheadOf(key);
          if (ahead.has(key) || ahead.size > 256) refuse();
          const own = flagSteps(flags.get(key), key, around);
          const needed = ((flags.get(key) as Flag).prerequisites ?? []).map(({ flag }) => flagCost(flag));
          const steps = needed.reduce<number>((sum, one) => sum + (typeof one === 'number' ? one + 1 : 1), own);
          return steps > MOST_STEPS ? refuse() : steps;
        }) ?? 'broken';
      costs.set(key, cost);
    }
    return cost;
  };

  return {
    flag: (key) => {
      const cost = flagCost(key);
      return typeof cost === 'number' ? (flags.get(key) as Flag) : cost;
    },
    segment: (key) => segments.get(key) as Segment,
  };
}
