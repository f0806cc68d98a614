// One adapter in a process of its own: its optimised code is its own, and so is its garbage.
import { answerQuestions } from '../frame/processes.ts';
import type { Adapter, Engine } from './adapter.ts';
import { importAdapter } from './adapters.ts';
import { answersProblem } from './answers.ts';
import type { Run } from './loop.ts';
import { cpuNanoseconds, prepareRun } from './loop.ts';
import { workloads } from './workloads.ts';

/** What an adapter's process is asked. */
export type AdapterQuestion =
  | { readonly ask: 'describe'; readonly adapter: string }
  | { readonly ask: 'prepare'; readonly workload: string; readonly isQuick: boolean; readonly isChecked: boolean }
  /** The CPU time of one read, over so long. */
  | { readonly ask: 'time'; readonly workload: string; readonly ms: number }
  /** What one read leaves on the heap; asked of a process whose young generation is never collected. */
  | { readonly ask: 'bytes'; readonly workload: string; readonly reads: number };

/** What an adapter says of itself. */
export interface Described extends Pick<Adapter, 'name' | 'package' | 'role'> {
  readonly isAsync: boolean;
}

/** Whether a workload can be measured: not what the SDK cannot express, and never what answers wrongly. */
export interface Prepared {
  readonly cannot?: string;
  readonly wrong?: string;
}

let adapter: Adapter | undefined;
interface Timed {
  readonly run: Run;
  /** That take about as long as a round has to; 0 until that is known. */
  reads: number;
  tried: number;
}

const runs = new Map<string, Timed>();
const BYTES_AT_MOST = 100e6;

async function describe(file: string): Promise<Described> {
  adapter = await importAdapter(file);
  const { name, package: from, role, isAsync = false } = adapter;
  return { name, package: from, role, isAsync };
}

async function prepare(question: Extract<AdapterQuestion, { ask: 'prepare' }>): Promise<Prepared> {
  const workload = workloads(question.isQuick).find(({ name }) => name === question.workload);
  if (adapter === undefined || workload === undefined) throw new Error(`There is no workload ${question.workload}.`);
  const cannot = adapter.cannot?.[workload.name];
  if (cannot !== undefined) return { cannot };
  const engine: Engine = await adapter.load(adapter.payload(workload.environment));
  const wrong = question.isChecked ? await answersProblem(workload, engine) : undefined;
  if (wrong !== undefined) return { wrong };
  runs.set(workload.name, { run: prepareRun(workload, engine, adapter.isAsync === true), reads: 0, tried: 1 });
  return {};
}

function runOf(workload: string): Timed {
  const found = runs.get(workload);
  if (found === undefined) throw new Error(`${workload} was not prepared.`);
  return found;
}

async function time({ workload, ms }: Extract<AdapterQuestion, { ask: 'time' }>): Promise<{ readonly ns: number }> {
  const entry = runOf(workload);
  // At first it doubles until a run takes a fifth of the time, which warms up as well.
  while (entry.reads === 0) {
    entry.tried *= 2;
    const took = await cpuNanoseconds(entry.run, entry.tried);
    if (took >= ms * 2e5) entry.reads = Math.max(1, Math.round((entry.tried * ms * 1e6) / took));
  }
  // The system tells this time in steps of some milliseconds: a short run may take none.
  for (let [ns, reads] = [0, 0]; ;) {
    ns += await cpuNanoseconds(entry.run, entry.reads);
    reads += entry.reads;
    if (ns > 0) return { ns: ns / reads };
  }
}

async function bytes(workload: string, most: number): Promise<{ readonly bytes: number }> {
  const { run } = runOf(workload);
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('Run this with --expose-gc.');
  const measured = async (reads: number): Promise<number> => {
    gc();
    // A collection may throw away optimised code, and what an interpreter leaves behind is not asked here.
    await run(reads);
    const before = process.memoryUsage().heapUsed;
    await run(reads);
    return (process.memoryUsage().heapUsed - before) / reads;
  };
  // The least of three: the engine writes code of its own into the heap when it pleases.
  const least = async (reads: number): Promise<number> =>
    Math.min(await measured(reads), await measured(reads), await measured(reads));
  let reads = 1;
  let each = await least(reads);
  // More reads show less of what is there once: buffers, optimised code.
  while (reads * 10 <= most && each * reads * 10 < BYTES_AT_MOST) each = await least((reads *= 10));
  return { bytes: each };
}

answerQuestions((question: AdapterQuestion): Promise<object> => {
  switch (question.ask) {
    case 'describe':
      return describe(question.adapter);
    case 'prepare':
      return prepare(question);
    case 'time':
      return time(question);
    case 'bytes':
      return bytes(question.workload, question.reads);
  }
});
