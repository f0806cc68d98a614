import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

// docs/reliability.md and the cases say the same: this is what keeps them from drifting apart.
const page = readFileSync(resolve(import.meta.dirname, '../../../docs/reliability.md'), 'utf8');
const REAL = /^fault\(\s*'([^']+)',\s*([\d_]+)/gm;
const FAKE = /^faultInFakeTime\(\s*'([^']+)',\s*([\d_]+)/gm;
const UNITS = { ms: 1, s: 1_000, min: 60_000 } as const;

interface Row {
  readonly name: string;
  /** Milliseconds. */
  readonly bound: number;
  readonly time: 'real' | 'fake';
}

const cells = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

const rows = page
  .split('\n')
  .filter((line) => /^\| (?!case |-)/.test(line))
  .map(cells);

// Those in real workerd are where its tests are.
const folders = [import.meta.dirname, resolve(import.meta.dirname, '../../edge-tests/test')];

const cases = folders
  .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
  .filter((file) => file.endsWith('.test.ts'))
  .flatMap((file) => {
    const source = readFileSync(file, 'utf8');
    const find = (pattern: RegExp, time: Row['time']): Row[] =>
      [...source.matchAll(pattern)].map(([, name = '', bound = '']) => ({
        name,
        bound: Number(bound.replaceAll('_', '')),
        time,
      }));
    return [...find(REAL, 'real'), ...find(FAKE, 'fake')];
  });

const milliseconds = (text: string): number => {
  const [, amount, unit] = /^(?:under )?([\d.]+) (ms|s|min)$/.exec(text) ?? [];
  return Number(amount) * UNITS[(unit ?? 's') as keyof typeof UNITS];
};

test('every case has a row with its bound and its clock, and every row a case', () => {
  const byName = (a: Row, b: Row): number => a.name.localeCompare(b.name);
  const listed = rows.map(([name = '', , , bound = '', time = '']): Row => ({
    name,
    bound: milliseconds(bound),
    time: time as Row['time'],
  }));
  expect(listed.sort(byName)).toEqual([...cases].sort(byName));
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});

test('every row says what is done, what is asserted, and what was seen within the bound', () => {
  for (const row of rows) {
    expect(row).toHaveLength(6);
    const [name = '', injected = '', asserted = '', bound = '', , seen = ''] = row;
    expect([name, injected.length > 10, asserted.length > 10]).toEqual([name, true, true]);
    expect([name, milliseconds(seen) <= milliseconds(bound)]).toEqual([name, true]);
  }
});
