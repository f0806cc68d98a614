import { join } from 'node:path';
import { versionOf } from '../frame/machine.ts';
import type { Worker } from '../frame/processes.ts';
import { startWorker } from '../frame/processes.ts';
import type { RunOptions, Section } from '../frame/section.ts';
import { quantile } from '../frame/statistics.ts';
import type { Described, Prepared } from './adapter-process.ts';
import { adapterNames } from './adapters.ts';
import type { Cell, EvaluateNumbers, Row } from './page.ts';
import { evaluateGoals } from './goals.ts';
import { evaluatePage } from './page.ts';
import { workloads } from './workloads.ts';

const PROCESS = join(import.meta.dirname, 'adapter-process.ts');
// Nothing is collected while bytes are counted.
const neverCollecting = (mb: number): readonly string[] => [
  '--expose-gc',
  `--min-semi-space-size=${mb}`,
  `--max-semi-space-size=${mb}`,
];

interface Runner {
  readonly file: string;
  readonly worker: Worker;
  readonly described: Described;
  readonly rounds: Map<string, number[]>;
  readonly cells: Record<string, Cell>;
}

async function start(file: string, flags: readonly string[]): Promise<Runner> {
  const worker = startWorker(PROCESS, flags);
  const described = await worker.ask<Described>({ ask: 'describe', adapter: file });
  return { file, worker, described, rounds: new Map(), cells: {} };
}

async function prepare(runner: Runner, workload: string, isQuick: boolean): Promise<void> {
  const question = { ask: 'prepare', workload, isQuick, isChecked: true };
  const { cannot, wrong } = await runner.worker.ask<Prepared>(question);
  if (wrong !== undefined) throw new Error(`${runner.described.name} answers wrongly. ${wrong}`);
  if (cannot === undefined) runner.rounds.set(workload, []);
  else runner.cells[workload] = { cannot };
}

// In a process of its own, but for a quick run: a young generation as large as this one changes times.
async function countBytes(runner: Runner, isQuick: boolean): Promise<ReadonlyMap<string, number>> {
  const counted = new Map<string, number>();
  const { worker } = isQuick ? runner : await start(runner.file, neverCollecting(512));
  for (const workload of isQuick ? ['W1'] : runner.rounds.keys()) {
    if (!isQuick) await worker.ask({ ask: 'prepare', workload, isQuick, isChecked: false });
    const { bytes } = await worker.ask<{ readonly bytes: number }>({
      ask: 'bytes',
      workload,
      reads: isQuick ? 1 : 10_000,
    });
    counted.set(workload, bytes);
  }
  if (!isQuick) await worker.kill();
  return counted;
}

/** Rounds over all adapters, in an order that rotates, so that what else the machine does hits all alike. */
async function run({ isQuick, log }: RunOptions): Promise<EvaluateNumbers> {
  const [rounds, ms] = isQuick ? [1, 0.2] : [9, 100];
  const all = workloads(isQuick);
  const runners = await Promise.all(adapterNames.map((file) => start(file, isQuick ? neverCollecting(16) : [])));
  for (const { name, what } of all) {
    log(`${name}, ${what}: ${runners.length} adapters`);
    await Promise.all(runners.map((runner) => prepare(runner, name, isQuick)));
    for (let round = 0; round < rounds; round += 1) {
      for (let at = 0; at < runners.length; at += 1) {
        const runner = runners[(at + round) % runners.length];
        const times = runner?.rounds.get(name);
        if (runner === undefined || times === undefined) continue;
        times.push((await runner.worker.ask<{ readonly ns: number }>({ ask: 'time', workload: name, ms })).ns);
      }
    }
  }
  log('bytes of a read');
  const rows: Row[] = [];
  for (const runner of runners) {
    const counted = await countBytes(runner, isQuick);
    for (const [workload, times] of runner.rounds) {
      const bytes = Math.max(0, counted.get(workload) ?? 0);
      runner.cells[workload] = { ns: quantile(times, 0.5), rounds: times, bytes };
    }
    const { name, package: from, role, isAsync } = runner.described;
    const version = from === undefined || role === 'ours' ? '' : versionOf(from);
    rows.push({ name, version, role, isAsync, cells: runner.cells });
    await runner.worker.kill();
  }
  return { rounds, workloads: all.map(({ name, what }) => ({ name, what })), rows };
}

/** What a read costs. */
export const evaluateSection: Section<EvaluateNumbers> = {
  name: 'evaluate',
  title: 'Reading a flag',
  what: 'CPU time and bytes of a read, ten workloads, beside ten SDKs',
  run,
  render: evaluatePage,
  goals: evaluateGoals,
};
