import type { Resolution } from '@flags/core';
import { describe, expect, test } from 'vitest';
import { changedFlags, type Decisions, renderTable } from '../table.ts';

const names = ['Ada (enterprise, DE, beta)', 'Ben (free, US, student)', 'Chloé (pro, CH)'];
const match: Resolution = {
  value: { columns: 2, accent: '#1a56db' },
  variant: 'wide',
  variation: 0,
  reason: 'TARGETING_MATCH',
  ruleId: 'swiss-only',
  version: 1,
  experiment: undefined,
  errorCode: undefined,
};
const decisions: Decisions = new Map(
  Array.from({ length: 30 }, (_, index) => [`a-flag-called-${index}`, [match, match, match]]),
);

function lines(columns: number, rows: number, changed: readonly string[] = []): readonly string[] {
  return renderTable(names, decisions, new Set(changed), false, { columns, rows }).split('\n');
}

describe('The table', () => {
  test.each([60, 80, 100, 120])('fits a terminal of %i columns', (columns) => {
    const table = lines(columns, Infinity);
    expect(table).toHaveLength(32);
    expect(Math.max(...table.map((line) => line.length))).toBe(columns);
    // Flags are told by their names, and of each value and each reason there is a beginning.
    for (const line of table.slice(2)) expect(line).toMatch(/^ {2}a-flag-called-\d+ +(\{.*… (MATCH|M?A?T?C?…).*){3}$/);
  });

  test('shows everything where there is room for it, or no terminal', () => {
    expect(lines(200, 32)).toEqual(lines(Infinity, Infinity));
    expect(lines(Infinity, Infinity)[2]).toMatch(/(\{"columns":2,"accent"… MATCH swiss-only *){3}$/);
  });

  test.each([8, 20, 31])('fits a terminal of %i rows, and keeps what changed', (rows) => {
    const table = lines(80, rows, ['a-flag-called-29']);
    expect(table).toHaveLength(rows);
    expect(table.at(-2)).toMatch(/^→ a-flag-called-29 /);
    expect(table.at(-1)).toBe(`  … and ${33 - rows} more; a taller terminal shows them.`);
  });

  test('shows three flags however low the terminal is', () => {
    expect(lines(80, 1)).toHaveLength(6);
  });

  test('marks what came, went, or differs beyond what is shown of it', () => {
    const other: Resolution = { ...match, value: { columns: 2, accent: '#1a56dc' } };
    const before: Decisions = new Map([...decisions, ['gone', [match]]]);
    const after: Decisions = new Map([...decisions, ['a-flag-called-3', [match, other, match]], ['new', [match]]]);
    expect(changedFlags(before, after)).toEqual(['a-flag-called-3', 'gone', 'new']);
  });
});
