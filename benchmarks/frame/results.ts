import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { drawChart } from './chart.ts';
import type { Circumstances } from './machine.ts';
import { table } from './format.ts';
import type { Goal } from './goals.ts';
import { goalsText } from './goals.ts';
import type { Highlight, Section } from './section.ts';

/** One section's raw numbers, and where they were taken. */
export interface Taken {
  readonly circumstances: Circumstances;
  readonly seconds: number;
  readonly numbers: unknown;
}

/** All that has been measured, by section. */
export type Results = Readonly<Record<string, Taken>>;

const BENCHMARKS = resolve(import.meta.dirname, '..');
const RAW = join(BENCHMARKS, 'results/results.json');

/** The results that are in the repository. */
export function readResults(): Results {
  return existsSync(RAW) ? (JSON.parse(readFileSync(RAW, 'utf8')) as Results) : {};
}

function circumstancesLine({ circumstances: at, seconds }: Taken): string {
  const machine = `${at.cores} × ${at.cpu}, ${at.memoryGb} GB, ${at.system}`;
  return `_${at.date} UTC · Node ${at.node.slice(1)}, V8 ${at.v8} · ${machine} · load ${at.load} · commit ${at.commit} · ${Math.round(seconds)} s_`;
}

/** The page: all that is told here comes from the raw numbers. */
export function resultsPage(results: Results, sections: readonly Section[]): string {
  const parts = sections.flatMap((section) => {
    const taken = results[section.name];
    if (taken === undefined) return [];
    return [`## ${section.title}\n\n${circumstancesLine(taken)}\n\n${section.render(taken.numbers as never).text}`];
  });
  return `# Results

Written by \`npm run bench\` from [results/results.json](results/results.json); [README.md](README.md) says how it is measured.
Times on shared machines move by a fifth from run to run: ratios within one run hold.

${parts.join('\n\n')}

## Goals

${goalsText(goalsOf(results, sections))}`.replace(/\n*$/, '\n');
}

/** What is aimed at, in all sections. */
export function goalsOf(results: Results, sections: readonly Section[]): readonly Goal[] {
  return sections.flatMap((section) => {
    const taken = results[section.name];
    return taken === undefined ? [] : section.goals(taken.numbers as never);
  });
}

/** Lines for the README: what, ours, and the best of others, each figure as the page has it. */
export function highlights(results: Results, sections: readonly Section[]): readonly Highlight[] {
  return sections.flatMap((section) => {
    const taken = results[section.name];
    return taken === undefined ? [] : section.render(taken.numbers as never).highlights;
  });
}

/** The README with the highlights between its marks. */
export function writeHighlights(readme: string, lines: readonly Highlight[]): string {
  const rows = lines.map(({ what, ours, others }) => [what, ours, others]);
  const block = `\n${table(['', 'ours', 'the best of others'], rows)}\n`;
  return readme.replace(HIGHLIGHTS, (_, start: string, end: string) => `${start}${block}${end}`);
}

/** Writes the page, its charts, the raw numbers and the README's table. */
export function writeResults(results: Results, sections: readonly Section[]): void {
  mkdirSync(join(BENCHMARKS, 'results'), { recursive: true });
  writeFileSync(RAW, `${JSON.stringify(results, rounded, 1)}\n`);
  const kept = readResults();
  writeFileSync(join(BENCHMARKS, 'RESULTS.md'), resultsPage(kept, sections));
  for (const section of sections) {
    const taken = kept[section.name];
    if (taken === undefined) continue;
    for (const [file, chart] of Object.entries(section.render(taken.numbers as never).charts)) {
      writeFileSync(join(BENCHMARKS, 'results', file), drawChart(chart));
    }
  }
  const readme = resolve(BENCHMARKS, '../README.md');
  writeFileSync(readme, writeHighlights(readFileSync(readme, 'utf8'), highlights(kept, sections)));
  execFileSync('oxfmt', [readme]);
}

/** What stands between the README's marks. */
const HIGHLIGHTS = /(<!-- benchmarks:.*?-->\n).*?(<!-- \/benchmarks -->)/s;

// Six digits are more than a clock can tell.
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
