import { parseInstant } from './instant.ts';
import { checkInteger, checkPair, checkShape, type ProblemPath, type Report, words } from './report.ts';
import type { TimeWindow } from './ruleset.ts';
import { DAY, MAX_TIME, WINDOW_MEMBERS } from './schedule.ts';

const INSTANT = 'an instant with its offset, such as "2026-06-01T12:00:00Z"';

function checkInstant(report: Report, path: ProblemPath, text: unknown): number | undefined {
  const at = parseInstant(text);
  if (at === at) return at;
  report(path, 'VALUE', `This is ${words(text)}, not ${INSTANT}.`, `Write ${INSTANT} (RFC 3339).`);
  return undefined;
}

function checkOrder(
  report: Report,
  path: ProblemPath,
  at: number | undefined,
  before: number | undefined,
  least: number,
): void {
  if (at === undefined || before === undefined || at - before >= least) return;
  report(path, 'VALUE', 'This comes no later than the one before it.', 'List them in the order of time.');
}

function checkOffsets(report: Report, path: ProblemPath, offsets: readonly unknown[]): void {
  let before: number | undefined;
  for (const [index, offset] of offsets.entries()) {
    const place = [...path, index];
    if (!checkPair(report, place, offset, 'the instant in epoch milliseconds, and minutes east of UTC')) continue;
    const [at, minutes] = offset;
    checkInteger(report, [...place, 1], minutes, -DAY, DAY);
    if (!checkInteger(report, [...place, 0], at, -MAX_TIME, MAX_TIME)) continue;
    checkOrder(report, place, at, before, 1);
    before = at;
  }
}

/** Reports what is wrong with a window of time; one that never opens is wrong too. */
export function checkWindow(report: Report, path: ProblemPath, raw: unknown): void {
  const window = checkShape<TimeWindow>(report, path, raw, WINDOW_MEMBERS, 'A time window');
  if (!window) return;
  const { from, until, days, start, end, offsets } = window;
  const opens = from === undefined ? undefined : checkInstant(report, [...path, 'from'], from);
  const closes = until === undefined ? undefined : checkInstant(report, [...path, 'until'], until);
  if (opens !== undefined && closes !== undefined && opens >= closes)
    report([...path, 'until'], 'VALUE', 'The window closes before it opens.', 'Make `until` later than `from`.');
  const isStart = start === undefined || checkInteger(report, [...path, 'start'], start, 0, DAY);
  const isEnd = end === undefined || checkInteger(report, [...path, 'end'], end, 0, DAY);
  if (isStart && isEnd && (start ?? 0) === (end ?? DAY)) {
    const hint = 'Leave both out for the whole day.';
    report([...path, 'end'], 'VALUE', 'The window starts and ends at the same minute.', hint);
  }
  if (days && !days.length)
    report(
      [...path, 'days'],
      'VALUE',
      '`days` is an empty list.',
      'Leave it out for every day, or list days from 1, Monday, to 7.',
    );
  for (const [index, day] of days?.entries() ?? []) checkInteger(report, [...path, 'days', index], day, 1, 7);
  checkOffsets(report, [...path, 'offsets'], offsets ?? []);
}

/** Reports what is wrong with the points of a rollout; `total` is the number of buckets where it is known. */
export function checkPoints(
  report: Report,
  path: ProblemPath,
  points: readonly unknown[],
  total: number | undefined,
): void {
  if (!points.length)
    report(path, 'VALUE', 'The rollout has no points.', 'List at least one: an instant and the width reached then.');
  let before: number | undefined;
  for (const [index, point] of points.entries()) {
    const place = [...path, index];
    if (!checkPair(report, place, point, 'an instant, and the width reached then')) continue;
    const at = checkInstant(report, [...place, 0], point[0]);
    if (total !== undefined) checkInteger(report, [...place, 1], point[1], 0, total);
    checkOrder(report, [...place, 0], at, before, 0);
    before = at;
  }
}
