import type { TimeWindow } from '@flags/core';
import type { Expansion } from './expansion.ts';
import { readInstant, readZone } from './instant.ts';
import { checkMembers, memberOf, present, readMap } from './read.ts';
import { describe, type SourceNode } from './source.ts';
import { suggest } from './suggest.ts';
import { cutTable } from './zone.ts';

/** Members of `time:`. */
export const TIME_MEMBERS: readonly string[] = ['from', 'until', 'days', 'hours', 'zone'];

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
const GROUPS: ReadonlyMap<string, readonly number[]> = new Map([
  ['weekdays', [1, 2, 3, 4, 5]],
  ['weekends', [6, 7]],
]);

/** The ISO days a `days` member names: `weekdays`, `[mon, sunday]`, `[6, 7]`; ascending, each once. */
function readDays(expansion: Expansion, node: SourceNode): number[] | undefined {
  const days = new Set<number>();
  const items = node.kind === 'list' ? node.items : [node];
  if (!items.length)
    return expansion.fail(node, 'TIME', 'A window without days never opens.', 'Leave days out for every day.');
  for (const item of items) {
    const value = item.kind === 'scalar' ? item.value : undefined;
    const word = typeof value === 'string' ? value.toLowerCase() : '';
    const index = word.length < 3 ? -1 : DAYS.findIndex((day) => day === word || day.slice(0, 3) === word);
    if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 7) days.add(value);
    else if (index >= 0) days.add(index + 1);
    else if (GROUPS.has(word)) for (const day of GROUPS.get(word)!) days.add(day);
    else {
      const hint = suggest(word, [...DAYS, ...GROUPS.keys()], 'days');
      return expansion.fail(
        item,
        'TIME',
        `There is no day ${describe(item)}.`,
        `${hint} Numbers go from 1, Monday, to 7.`,
      );
    }
  }
  return [...days].sort((a, b) => a - b);
}

/** Start and end in minutes of a member such as `hours: "09:00-17:00"`. */
function readHours(expansion: Expansion, node: SourceNode): readonly [start: number, end: number] | undefined {
  const text = node.kind === 'scalar' && typeof node.value === 'string' ? node.value : '';
  const parts = /^\s*(\d{1,2}):(\d\d)\s*[-–]\s*(\d{1,2}):(\d\d)\s*$/.exec(text);
  const [start, end] = parts
    ? [Number(parts[1]) * 60 + Number(parts[2]), Number(parts[3]) * 60 + Number(parts[4])]
    : [-1, -1];
  const minutes = parts && Number(parts[2]) < 60 && Number(parts[4]) < 60;
  if (!minutes || start >= 1440 || end > 1440) {
    return expansion.fail(
      node,
      'TIME',
      `Hours are a span of the day, not ${describe(node)}.`,
      'Write them like "09:00-17:00".',
    );
  }
  if (start === end) {
    return expansion.fail(node, 'TIME', 'The hours begin where they end.', 'Leave hours out for the whole day.');
  }
  return [start, end];
}

/** Expands what stands behind `time:`. Local days, hours and dates are read in `zone`, else in UTC and with their offsets. */
export function expandTime(expansion: Expansion, node: SourceNode): TimeWindow | undefined {
  const hint = 'Write for example { days: weekdays, hours: "09:00-17:00", zone: Europe/Berlin }.';
  const map = readMap(expansion, node, 'time', hint);
  if (!map) return undefined;
  checkMembers(expansion, map, TIME_MEMBERS, 'time');
  const at = (name: string): SourceNode | undefined => memberOf(map, name);
  const [fromNode, untilNode, daysNode, hoursNode] = ['from', 'until', 'days', 'hours'].map(at);
  if (!fromNode && !untilNode && !daysNode && !hoursNode) {
    // A misspelt member is the problem, not a missing one.
    if ([...map.entries.keys()].some((name) => !TIME_MEMBERS.includes(name))) return undefined;
    return expansion.fail(node, 'TIME', 'The window has no bounds.', hint);
  }
  const zone = readZone(expansion, at('zone'));
  // An unknown zone is one problem, not one for each local time in it.
  const isZoneKnown = zone !== undefined || at('zone') === undefined;
  const from = isZoneKnown && fromNode ? readInstant(expansion, fromNode, zone) : undefined;
  const until = isZoneKnown && untilNode ? readInstant(expansion, untilNode, zone) : undefined;
  const days = daysNode && readDays(expansion, daysNode);
  const hours = hoursNode && readHours(expansion, hoursNode);
  if (!isZoneKnown || (fromNode && !from) || (untilNode && !until) || (daysNode && !days) || (hoursNode && !hours))
    return undefined;
  if (from && until && Date.parse(from) >= Date.parse(until)) {
    return expansion.fail(
      untilNode ?? node,
      'TIME',
      'The window ends before it begins.',
      'until has to be later than from.',
    );
  }
  const cut = zone && cutTable(zone.table, from ? Date.parse(from) : -Infinity, until ? Date.parse(until) : Infinity);
  // Instants need no offsets, and neither does a zone that is UTC throughout.
  const offsets = cut && (days || hours) && (cut.length > 1 || cut[0]![1] !== 0) ? cut : undefined;
  const window = present<TimeWindow>({ from, until, days, start: hours?.[0], end: hours?.[1], offsets });
  return expansion.from(window, node, {
    from: fromNode,
    until: untilNode,
    days: daysNode,
    start: hoursNode,
    end: hoursNode,
  });
}
