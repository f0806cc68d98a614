import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOptions } from '../frame/options.ts';
import { goalsText } from '../frame/goals.ts';
import { goalsOf, highlights, readResults, resultsPage, writeHighlights } from '../frame/results.ts';
import { sections } from '../sections.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'flags-bench-'));
const json = join(folder, 'quick.json');

type Numbers = Readonly<Record<'evaluate' | 'react' | 'size' | 'start' | 'sync', { readonly numbers: unknown }>>;
interface Cell {
  readonly ns?: number;
  readonly cannot?: string;
}
type WireColumn = Readonly<
  Record<
    'first' | 'change' | 'backAfterNone' | 'backAfterOne' | 'anew',
    { readonly received: number; readonly answers: readonly string[] }
  >
>;
interface Row {
  readonly name: string;
  readonly role: string;
  readonly cells: Readonly<Record<string, Cell>>;
}

const bench = (...words: readonly string[]): Promise<{ readonly stdout: string }> =>
  promisify(execFile)(process.execPath, ['--conditions=@flags/source', 'benchmarks/main.ts', ...words], { cwd: ROOT });

afterAll(() => rmSync(folder, { recursive: true }));

describe('a quick run of the benchmark', () => {
  let taken: Numbers;
  beforeAll(async () => {
    await bench('--quick', '--json', json);
    taken = JSON.parse(readFileSync(json, 'utf8')) as Numbers;
  }, 240_000);

  it('has every adapter read every workload, after it gave the right answers, or says why not', () => {
    const { rows, workloads } = taken.evaluate.numbers as {
      readonly rows: readonly Row[];
      readonly workloads: readonly { readonly name: string }[];
    };
    expect(rows.filter(({ role }) => role === 'peer').map(({ name }) => name)).toHaveLength(11);
    for (const { name, role, cells } of rows) {
      for (const workload of workloads) {
        const cell = cells[workload.name];
        const isMeasured = (cell?.ns ?? 0) > 0;
        expect(isMeasured || cell?.cannot, `${name}, ${workload.name}`).toBeTruthy();
        if (role !== 'peer') expect(isMeasured, `${name}, ${workload.name}`).toBe(true);
      }
    }
  });

  it('starts SDKs, and changes a flag of those that take changes', () => {
    const { rows, bareMs } = taken.start.numbers as {
      readonly bareMs: number;
      readonly rows: readonly {
        readonly coldMs: number;
        readonly sizes: readonly { readonly ms: number; readonly changeMs?: number }[];
      }[];
    };
    expect(rows).toHaveLength(3);
    for (const { coldMs, sizes } of rows) {
      expect([coldMs > 0, bareMs > 0]).toEqual([true, true]);
      for (const { ms, changeMs } of sizes) expect([ms > 0, (changeMs ?? 0) > 0]).toEqual([true, true]);
    }
  });

  it('bundles every entry, and finds what is installed with a package', () => {
    const { pages, installs } = taken.size.numbers as {
      readonly pages: readonly { readonly name: string; readonly minified: number; readonly gzip: number }[];
      readonly installs: readonly { readonly name: string; readonly packages: number }[];
    };
    for (const { name, minified, gzip } of pages) expect(minified / gzip, name).toBeGreaterThan(1.5);
    expect(installs.find(({ name }) => name === '@growthbook/growthbook')?.packages).toBe(2);
  });

  it('renders a change with every library for React, and ours renders what reads it', () => {
    const { rows } = taken.react.numbers as { readonly rows: readonly { readonly renders: number }[] };
    expect(rows).toHaveLength(4);
    expect(rows[0]).toMatchObject({ name: '@flags/react', renders: 5, commits: 1 });
    expect(rows.every(({ renders }) => renders >= 5)).toBe(true);
  });

  it('pushes changes to clients, and nothing is lost on the way', () => {
    const times = { best: expect.any(Number), median: expect.any(Number) };
    const measured = { p99Ms: times, cpuMicrosecondsPerDelivery: times };
    expect(taken.sync.numbers).toMatchObject({
      fanOut: [
        { server: 'relay', ...measured },
        { server: 'bare node:http', ...measured },
        { server: 'nginx + nchan', ...measured },
      ],
      missing: [],
      restart: { max: expect.any(Number) },
      stalled: { cut: 3, cutByMistake: 0 },
    });
  });

  it('counts what passes between each SDK and its server until it serves a change', () => {
    const { columns } = (taken.sync.numbers as { readonly wire: { readonly columns: readonly WireColumn[] } }).wire;
    const answers = (column: WireColumn | undefined): readonly (readonly string[])[] =>
      (['first', 'change', 'backAfterNone', 'backAfterOne', 'anew'] as const).map((of) => column?.[of].answers ?? []);
    const [ours, growthBook] = columns;
    const full = ['200', 'FULL_SYNC', 'HEARTBEAT'];
    expect(answers(ours)).toEqual([
      full,
      ['FLAG_UPDATE'],
      ['200', 'HEARTBEAT'],
      ['200', 'FLAG_UPDATE', 'HEARTBEAT'],
      full,
    ]);
    const fetched = ['200', 'gzip', '200'];
    expect(answers(growthBook)).toEqual([fetched, ['features'], ['200'], ['200', 'features'], fetched]);
    const bytes = (of: keyof WireColumn): number => ours?.[of].received ?? 0;
    expect(bytes('change')).toBeGreaterThan(300);
    expect(bytes('change')).toBeLessThan((growthBook?.change.received ?? 0) / 5);
    for (const of of ['backAfterNone', 'backAfterOne'] as const) {
      expect(bytes(of)).toBeGreaterThan(100);
      expect(bytes(of)).toBeLessThan(bytes('anew') / 5);
    }
  });
});

describe('the command', { timeout: 30_000 }, () => {
  it('lists its sections', async () => {
    const { stdout } = await bench('--help');
    for (const name of ['evaluate', 'sync', '--only', '--quick', '--json', '--clients', '--stalled']) {
      expect(stdout).toContain(name);
    }
  });

  it('says which section there is not', async () => {
    await expect(bench('--only=speed')).rejects.toMatchObject({ stderr: expect.stringContaining('"speed"') });
  });

  it.each([
    ['--clients=0', '--clients is a whole number from 1 to 25000, and not "0".'],
    ['--clients=1e3', 'not "1e3"'],
    ['--stalled=1001', '--stalled is a whole number from 1 to 1000'],
    ['--clients=5 --only=size', '--clients is for the section sync'],
  ])('says what is wrong with %s', (words, problem) => {
    expect(readOptions(words.split(' '), sections)).toEqual({
      do: 'complain',
      problem: expect.stringContaining(problem),
    });
  });

  it('takes other amounts', () => {
    const told = readOptions(['--only=sync', '--clients', '2000', '--stalled=7'], sections);
    expect(told).toMatchObject({ only: ['sync'], amounts: { clients: 2_000, stalled: 7 } });
  });
});

describe('a table of what was pushed', () => {
  it('names a server that could not be had, and why', () => {
    const section = sections.find(({ name }) => name === 'sync');
    const numbers = readResults()['sync']?.numbers as { readonly fanOut: readonly object[] };
    const missing = [{ server: 'nginx + nchan', why: 'there is no apt' }];
    const { text } = section?.render({ ...numbers, fanOut: numbers.fanOut.slice(0, 2), missing } as never) ?? {};
    expect(text).toMatch(/relay \| bare node:http \| nginx \+ nchan \|\n/);
    expect(text).toMatch(/^\| delivery p99 \|.* ms \|.* ms \| – \|$/m);
    expect(text).toContain('**nginx + nchan was not measured**: there is no apt');
  });
});

describe('what is told of the numbers', () => {
  const results = readResults();
  const page = readFileSync(join(ROOT, 'benchmarks/RESULTS.md'), 'utf8');
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const cells = (text: string): readonly string[] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('|') && !/^[|\s:-]+$/.test(line))
      .map((line) => line.replaceAll(/\s*\|\s*/g, '|'));

  it('is made of the raw numbers: RESULTS.md', () => {
    expect(page).toBe(resultsPage(results, sections));
  });

  it('says of every goal whether it is held, and why not', () => {
    const goals = goalsOf(results, sections);
    expect(goals.length).toBeGreaterThan(20);
    expect(goals.filter(({ measured }) => !(measured > 0))).toEqual([]);
    expect(goalsText(goals)).not.toContain(': –');
    const show = (value: number): string => `${value} ms`;
    const text = goalsText([
      { what: 'a', goal: 5, measured: 5, show },
      { what: 'b', goal: 5, measured: 6, show, why: 'it is hard' },
      { what: 'c', goal: 5, measured: 4, isMoreBetter: true, show, why: 'it is, too' },
    ]);
    expect(text).toContain('1 of 3');
    expect(text).toContain('| a | ≤ 5 ms | 5 ms | held |');
    expect(text).toContain('| b | ≤ 5 ms | 6 ms | **missed by 20 %** |');
    expect(text).toContain('| c | ≥ 5 ms | 4 ms | **missed by 25 %** |');
    expect(text).toContain('- **b**: it is hard\n- **c**: it is, too');
    expect(goalsText([{ what: 'd', goal: 5, measured: Number.NaN, show }])).toContain('missed');
  });

  it('is what RESULTS.md says: the table of the README', () => {
    const [quoted = ''] = /<!-- benchmarks:.*<!-- \/benchmarks -->/s.exec(readme) ?? [];
    expect(cells(quoted)).toEqual(cells(writeHighlights(quoted, highlights(results, sections))));
    expect(cells(quoted).length).toBeGreaterThan(2);
  });

  it('is in RESULTS.md: every measured figure of the README', () => {
    const prose = readme.replaceAll(/^```.*?^```$/gms, '');
    const figures = prose.match(/\d[\d .]*(?:\s\/\s[\d.]+)?\s(?:ns|µs|ms|s|kB|MB|B)\b|\b\d[\d.]*×/g) ?? [];
    expect(figures.length).toBeGreaterThan(0);
    expect(figures.filter((figure) => !page.includes(figure.trim()))).toEqual([]);
  });
});
