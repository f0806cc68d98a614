import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { highlights, readResults, resultsPage, writeHighlights } from '../frame/results.ts';
import { sections } from '../sections.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'flags-bench-'));
const json = join(folder, 'quick.json');

type Numbers = Readonly<Record<'evaluate' | 'react' | 'size' | 'start' | 'sync', { readonly numbers: unknown }>>;
interface Cell {
  readonly ns?: number;
  readonly cannot?: string;
}
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
      ],
      restart: { max: expect.any(Number) },
      stalled: { cut: 3, cutByMistake: 0 },
    });
  });

  it('counts what a delta spares', () => {
    const { relay, fullPayload } = (taken.sync.numbers as { readonly wire: Record<string, Record<string, number>> })
      .wire;
    const [change, none, one, first] = ['change', 'backAfterNone', 'backAfterOne', 'first'].map(
      (of) => relay?.[of] ?? 0,
    );
    expect(change).toBeGreaterThan(300);
    expect(change).toBeLessThan((fullPayload?.['change'] ?? 0) / 5);
    expect([none, one].every((bytes = 0) => bytes > 100 && bytes < (first ?? 0) / 5)).toBe(true);
  });
});

describe('the command', { timeout: 30_000 }, () => {
  it('lists its sections', async () => {
    const { stdout } = await bench('--help');
    for (const name of ['evaluate', 'sync', '--only', '--quick', '--json']) expect(stdout).toContain(name);
  });

  it('says which section there is not', async () => {
    await expect(bench('--only=speed')).rejects.toMatchObject({ stderr: expect.stringContaining('"speed"') });
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
