import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createVectors } from '../vectors/all.ts';
import { readVectors } from '../vectors/read.ts';
import { matrix } from '../src/matrix.ts';
import { COLUMNS, countsOf, runtimesPage } from '../src/page.ts';
import type { Report } from '../src/programs/program.ts';
import { SUITES } from '../src/programs/program.ts';
import { problemsOf, runSuite } from '../src/run-suite.ts';
import { node } from '../src/runtimes/node.ts';

const entries = matrix.filter(({ isInTest }) => isInTest).map((entry) => ({ name: entry.runtime.name, entry }));
const reports = new Map<string, Report>();

beforeAll(async () => {
  for (const { name, entry } of entries) reports.set(name, await runSuite(entry));
}, 120_000);

const reportOf = (name: string): Report => reports.get(name) as Report;

describe.each(entries)('In $name', ({ name }) => {
  test('everything holds, and answers are those of Node', () => {
    expect(problemsOf(reportOf(name), reportOf(node.name))).toEqual([]);
  });

  test('every suite has run', () => {
    expect(reportOf(name).outcomes.map(({ suite }) => suite)).toEqual([...SUITES]);
    expect(reportOf(name).outcomes.filter(({ passed }) => passed < 4)).toEqual([]);
  });
});

test('a case that fails and an answer that differs are problems', () => {
  const report = (answer: number, problem?: string): Report => ({
    outcomes: [
      { suite: 's', passed: 1, failed: problem === undefined ? [] : [{ name: 'a', problem }], answers: { b: answer } },
    ],
    found: {},
  });
  expect(problemsOf(report(1), report(1))).toEqual([]);
  expect(problemsOf(report(1, 'no'), report(2))).toEqual(['s: a: no', 's: b: the answer is another one here']);
});

test('where code from text is forbidden, none is needed', () => {
  expect(reportOf('workerd').found).toMatchObject({ 'code from text': false, 'WebAssembly from bytes': false });
  expect(reportOf('chromium').found).toMatchObject({ 'code from text': false, 'WebAssembly from bytes': false });
});

test('the golden vectors are what their generator makes', () => {
  expect(JSON.parse(JSON.stringify(createVectors()))).toEqual(readVectors());
});

describe('docs/runtimes.md', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../../docs/runtimes.md'), 'utf8');
  const rows = page
    .split('\n')
    .filter((line) => /^\| [^-]/.test(line))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
  const REWRITE = '`npm run test:runtimes` writes docs/runtimes.md anew';
  const [head, ...counts] = rows.slice(0, matrix.length + 1);

  test('has every suite and every runtime, and none of them failed', () => {
    expect(head).toEqual(['runtime', 'version', 'package', ...COLUMNS]);
    const names = matrix.map(({ runtime, isInTest }) => (isInTest ? `${runtime.name} ★` : runtime.name));
    expect(counts.map(([name]) => name)).toEqual(names);
    expect(page).not.toMatch(/failed\*\*|did not run/);
  });

  test.each(entries)('says what was counted and found in $name', ({ name, entry }) => {
    const report = reportOf(name);
    const result = { entry, version: 'any', report, packed: undefined, problems: [] };
    const [label, , ...cells] = countsOf(result);
    const row = counts.find(([first]) => first === label)?.filter((_, index) => index !== 1);
    // Programs over the packed package run apart from these.
    expect(row?.slice(0, -1), REWRITE).toEqual([label, ...cells].slice(0, -1));
    const found = Object.values(report.found).map((isThere) => (isThere ? 'yes' : '–'));
    expect(rows.findLast(([first]) => first === name)?.slice(1), REWRITE).toEqual(found);
  });

  test('says what the suite allows a runtime', () => {
    const result = (entry: (typeof matrix)[number]) => ({
      entry,
      version: 'any',
      report: undefined,
      packed: undefined,
      problems: ['it is missing'],
    });
    const missing = runtimesPage(matrix.map(result));
    expect(missing.match(/did not run/g)?.length).toBeGreaterThan(matrix.length * SUITES.length - 1);
    const limits = (text: string): readonly string[] => text.match(/^- .*$/gm) ?? [];
    expect(limits(page)).toEqual(limits(missing));
  });
});
