// How long a read takes, by the method of interleaved rounds: CPU time of this thread, median of the rounds.
// Run: node --expose-gc --conditions=@flags/source benchmarks/evaluate/main.ts [--rounds=9]
import { compileRuleset, evaluate, evaluateAll } from '@flags/core';
import { type Workload, workloads } from './workloads.ts';

const NOW = Date.UTC(2026, 0, 1);
const rounds = Number(process.argv.find((word) => word.startsWith('--rounds='))?.slice(9) ?? 9);

interface Prepared {
  readonly workload: Workload;
  readonly run: (reads: number) => number;
  readonly reads: number;
}

function prepare(workload: Workload): Prepared {
  const compiled = compileRuleset(JSON.parse(JSON.stringify(workload.ruleset)));
  const { key, context } = workload;
  if (!key) {
    const run = (reads: number): number => {
      let on = 0;
      for (let i = 0; i < reads; i++)
        for (const { value } of Object.values(evaluateAll(compiled, context(i), NOW))) if (value === true) on++;
      return on;
    };
    return { workload, run, reads: workload.name === 'W5a' ? 4000 : 400 };
  }
  // Keys are made before the clock starts: a caller's keys are literals.
  const keys = Array.from({ length: 1000 }, (_, i) => key(i));
  const run = (reads: number): number => {
    let on = 0;
    for (let i = 0; i < reads; i++) if (evaluate(compiled, keys[i % 1000]!, context(i), false, NOW).value) on++;
    return on;
  };
  return { workload, run, reads: 400_000 };
}

function nanoseconds(run: () => void): number {
  const before = process.threadCpuUsage();
  run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) * 1000;
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

const prepared = workloads.map(prepare);
const times = new Map<string, number[]>(workloads.map(({ name }) => [name, []]));
for (const { workload, run, reads } of prepared) {
  const all = workload.key ? reads : reads * Object.keys(workload.ruleset.flags).length;
  if (!workload.isRight(run(reads), all)) throw new Error(`${workload.name} (${workload.what}) gives wrong answers`);
}
for (let round = 0; round < rounds; round++) {
  for (let at = 0; at < prepared.length; at++) {
    const { workload, run, reads } = prepared[(at + round) % prepared.length]!;
    times.get(workload.name)!.push(nanoseconds(() => void run(reads)) / reads);
  }
}
for (const { workload, run, reads } of prepared) {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  run(Math.min(reads, 20_000));
  const bytes = (process.memoryUsage().heapUsed - before) / Math.min(reads, 20_000);
  const each = times.get(workload.name)!;
  const range = `${Math.min(...each).toFixed(0)}–${Math.max(...each).toFixed(0)}`;
  console.log(
    `${workload.name.padEnd(4)} ${median(each).toFixed(0).padStart(8)} ns  (${range})  ${bytes.toFixed(0).padStart(6)} B  ${workload.what}`,
  );
}
