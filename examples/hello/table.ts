import { styleText } from 'node:util';
import type { Resolution } from '@flags/core';

/** What every flag says to every user: rows are flags, columns are users. */
export type Decisions = ReadonlyMap<string, readonly Resolution[]>;

const MAX_VALUE = 22;

function shorten(text: string): string {
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE - 1)}…` : text;
}

// TARGETING_MATCH alone would take half a column.
function why({ reason, ruleId, errorCode }: Resolution): string {
  return [reason === 'TARGETING_MATCH' ? 'MATCH' : reason, ruleId ?? errorCode].filter(Boolean).join(' ');
}

function cell(resolution: Resolution): string {
  return `${shorten(JSON.stringify(resolution.value))} ${why(resolution)}`;
}

/** The flags whose answer to anyone differs between two moments. */
export function changedFlags(before: Decisions, after: Decisions): readonly string[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].filter((key) => before.get(key)?.map(cell).join() !== after.get(key)?.map(cell).join());
}

/** The table as text; what changed is marked with an arrow, and coloured where colours are wanted. */
export function renderTable(
  names: readonly string[],
  decisions: Decisions,
  changed: ReadonlySet<string>,
  colours: boolean,
): string {
  const rows = [...decisions].map(([key, row]) => [`${changed.has(key) ? '→' : ' '} ${key}`, ...row.map(cell)]);
  const head = ['  flag', ...names];
  const widths = head.map((title, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? title).length)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => text.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  const paint = (style: 'bold' | 'green' | 'dim', text: string): string =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  return [
    paint('bold', line(head)),
    paint('dim', widths.map((width) => '─'.repeat(width)).join('──')),
    ...rows.map((row) => (row[0]!.startsWith('→') ? paint('green', line(row)) : line(row))),
  ].join('\n');
}
