import type { Condition } from '@flags/core';
import type { Expansion } from './expansion.ts';
import type { FlagBody } from './flag.ts';
import type { SegmentBody } from './segment.ts';
import type { Spot } from './source.ts';

/** Keys a list may hold when everyone who opens the page gets to see it. */
const MAX_PUBLIC_KEYS = 1000;

const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s]+$/;

/** Notes what must not be sent to browsers, and what a browser would miss, in flags and segments marked `client: true`. */
export function checkClientEntries(
  expansion: Expansion,
  flags: ReadonlyMap<string, FlagBody>,
  segments: ReadonlyMap<string, SegmentBody>,
  names: ReadonlyMap<string, Spot>,
): void {
  const needSegments = (what: string, conditions: readonly Condition[], at: Spot): void => {
    for (const segment of new Set(conditions.flatMap(segmentsIn))) {
      const other = segments.get(segment);
      if (!other || other.client) continue;
      const hint = `Mark the segment client: true as well, or send values alone: client: evaluated.`;
      expansion.fail(at, 'CLIENT', `${what} goes to browsers, the segment ${JSON.stringify(segment)} does not.`, hint);
    }
  };
  for (const [key, flag] of flags) {
    const at = names.get(`flags/${key}`);
    if (flag?.client !== true || !at) continue;
    needSegments(
      'The flag',
      flag.rules.map(({ when }) => when),
      at,
    );
    for (const { flag: required } of flag.prerequisites ?? []) {
      const other = flags.get(required);
      if (!other || other.client === true) continue;
      const hint = 'Mark that flag client: true as well, or send values alone: client: evaluated.';
      expansion.fail(
        at,
        'CLIENT',
        `The flag goes to browsers, its prerequisite ${JSON.stringify(required)} does not.`,
        hint,
      );
    }
    flag.targets?.forEach((target, index) => {
      const spot = expansion.originOf(flag, ['targets', index, 'keys']) ?? at;
      checkKeys(expansion, target.keys, spot, 'client: evaluated keeps them on the server.');
    });
  }
  for (const [key, segment] of segments) {
    const at = names.get(`segments/${key}`);
    if (!segment?.client || !at) continue;
    needSegments('The segment', segment.rules ?? [], at);
    for (const list of ['include', 'exclude'] as const) {
      const hint = 'An external segment, or client: evaluated on its flags, keeps them on the server.';
      checkKeys(expansion, segment[list] ?? [], expansion.originOf(segment, [list]) ?? at, hint);
    }
  }
}

function checkKeys(expansion: Expansion, keys: readonly string[], at: Spot, hint: string): void {
  if (keys.length > MAX_PUBLIC_KEYS) {
    expansion.fail(
      at,
      'CLIENT',
      `${keys.length} keys would go to every browser; at most ${MAX_PUBLIC_KEYS} may.`,
      hint,
    );
  }
  if (keys.some((key) => EMAIL.test(key))) {
    expansion.fail(at, 'CLIENT', 'E-mail addresses would go to every browser.', hint);
  }
}

function segmentsIn(condition: Condition): string[] {
  if ('all' in condition) return condition.all.flatMap(segmentsIn);
  if ('any' in condition) return condition.any.flatMap(segmentsIn);
  if ('not' in condition) return segmentsIn(condition.not);
  return 'segment' in condition ? [condition.segment] : [];
}
