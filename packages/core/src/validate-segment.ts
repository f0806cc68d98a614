import { checkShape, words } from './report.ts';
import type { Segment } from './ruleset.ts';
import { SEGMENT_MEMBERS } from './segment.ts';
import { type Check, checkCondition } from './validate-condition.ts';

/** Reports everything that makes the compiler refuse the segment of this key. */
export function checkSegment(check: Check, key: string, raw: unknown): void {
  const { report } = check;
  const path = ['segments', key];
  const segment = checkShape<Segment>(report, path, raw, SEGMENT_MEMBERS, 'A segment');
  if (!segment) return;
  checkKey(check, path, segment.key, key);
  if (segment.external) {
    for (const name of ['include', 'exclude', 'rules'] as const) {
      if (!segment[name]) continue;
      const message = `An external segment has no \`${name}\`: who is in it is in the context.`;
      report([...path, name], 'MEMBER', message, `Leave out \`${name}\` or \`external\`.`);
    }
  } else {
    const rules: readonly unknown[] = segment.rules ?? [];
    for (const [index, rule] of rules.entries()) checkCondition(check, [...path, 'rules', index], rule);
  }
}

/** Reports an entry that stands under another key than its own. */
export function checkKey({ report }: Check, path: readonly string[], own: string | undefined, key: string): void {
  if (own === undefined || own === key) return;
  const message = `The entry under ${words(key)} says its key is ${words(own)}.`;
  report([...path, 'key'], 'KEY', message, `Make both ${words(own)}, or both ${words(key)}.`);
}
