import { styleText } from 'node:util';
import type { Resolution } from '@flags/core';

/** What every flag says to every user: rows are flags, columns are users. */
export type Decisions = ReadonlyMap<string, readonly Resolution[]>;

/** The room there is for a table, in characters; `Infinity` where nobody counts, as in a file. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
}

const MAX_VALUE = 22;
// A value leaves this much of its cell to the reason: STATIC, DEFAULT, SPLIT.
const REASON = 8;
const MIN_COLUMN = 10;
const MIN_FLAGS = 3;

function shorten(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

// TARGETING_MATCH alone would take half a column.
function why({ reason, ruleId, errorCode }: Resolution): string {
  return [reason === 'TARGETING_MATCH' ? 'MATCH' : reason, ruleId ?? errorCode].filter(Boolean).join(' ');
}

function cell(resolution: Resolution, width: number): string {
  const value = shorten(JSON.stringify(resolution.value), Math.min(MAX_VALUE, width - REASON));
  return shorten(`${value} ${why(resolution)}`, width);
}

/** The widths of columns that share the room: each gets what it needs, and what is missing is taken from the widest user. */
function fit([name = 0, ...users]: readonly number[], columns: number): readonly number[] {
  const widths = [Math.min(name, Math.floor(columns / 3)), ...users];
  let excess = widths.reduce((sum, width) => sum + width + 2, -2) - columns;
  while (excess-- > 0) {
    const widest = Math.max(...widths.slice(1));
    if (widest <= MIN_COLUMN) break;
    widths[widths.lastIndexOf(widest)] = widest - 1;
  }
  return widths;
}

/** The flags whose answer to anyone differs between two moments. */
export function changedFlags(before: Decisions, after: Decisions): readonly string[] {
  const text = (decisions: Decisions, key: string): string | undefined =>
    decisions
      .get(key)
      ?.map((resolution) => `${JSON.stringify(resolution.value)} ${why(resolution)}`)
      .join();
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].filter((key) => text(before, key) !== text(after, key));
}

/** The flags that are shown when not all can be: those that changed, then from the top, in the order of the file. */
function choose(keys: readonly string[], changed: ReadonlySet<string>, room: number): ReadonlySet<string> {
  const wanted = [...keys.filter((key) => changed.has(key)), ...keys.filter((key) => !changed.has(key))];
  return new Set(wanted.slice(0, room));
}

/** The table as text that fits the room; what changed is marked with an arrow, and coloured where colours are wanted. */
export function renderTable(
  names: readonly string[],
  decisions: Decisions,
  changed: ReadonlySet<string>,
  colours: boolean,
  { columns, rows }: Room,
): string {
  // Two lines are the head's; one tells of what is left out.
  const flagRows = decisions.size <= rows - 2 ? decisions.size : Math.max(MIN_FLAGS, rows - 3);
  const shown = choose([...decisions.keys()], changed, flagRows);
  const left = decisions.size - shown.size;

  const titles = ['  flag', ...names];
  const firstOf = (key: string): string => `${changed.has(key) ? '→' : ' '} ${key}`;
  const needs = titles.map((title, column) =>
    Math.max(
      title.length,
      ...[...decisions].map(([key, row]) => (column ? cell(row[column - 1]!, Infinity) : firstOf(key)).length),
    ),
  );
  const widths = fit(needs, columns);
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, column) => shorten(text, widths[column]!).padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  const paint = (style: 'bold' | 'green' | 'dim', text: string): string =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  const body = [...decisions]
    .filter(([key]) => shown.has(key))
    .map(([key, row]) => {
      const text = line([firstOf(key), ...row.map((resolution, column) => cell(resolution, widths[column + 1]!))]);
      return changed.has(key) ? paint('green', text) : text;
    });
  return [
    paint('bold', line(titles)),
    paint('dim', widths.map((width) => '─'.repeat(width)).join('──')),
    ...body,
    ...(left ? [paint('dim', `  … and ${left} more; a taller terminal shows them.`)] : []),
  ].join('\n');
}
