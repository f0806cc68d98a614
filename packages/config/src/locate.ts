import type { LineCounter } from 'yaml';
import type { FileProblem } from './problem.ts';
import { pathOf, type Spot } from './source.ts';

/** A problem that knows its place, not yet the name of its file. */
export type Located = Omit<FileProblem, 'file'>;

/** Turns a spot into line, column and path. */
export function locate(
  lines: LineCounter,
  spot: Spot,
  severity: FileProblem['severity'],
  code: string,
  message: string,
  hint: string,
): Located {
  const from = lines.linePos(spot.start);
  const to = lines.linePos(Math.max(spot.start, spot.end));
  // A place of several lines is shown by its first character.
  const endColumn = to.line === from.line ? Math.max(to.col, from.col + 1) : from.col + 1;
  const place = { line: Math.max(1, from.line), column: Math.max(1, from.col), endColumn, path: pathOf(spot) };
  return { severity, ...place, code, message, hint };
}
