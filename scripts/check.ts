// `npm test`: everything that must hold, one step after the other, and one closing line that adds up every runner.
import { runStep } from './check/run-step.ts';
import { sumCounts } from './check/counts.ts';
import type { Counts } from './check/counts.ts';
import { steps } from './check/steps.ts';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort());
}

const all: Counts[] = [];
for (const step of steps) {
  const start = performance.now();
  process.stdout.write(`${step.name} … `);
  const { counts, output } = await runStep(step, interruption.signal);
  if (interruption.signal.aborted) {
    process.stdout.write('interrupted\n');
    process.exit(130);
  }
  all.push(counts);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const tests = step.count ? `, ${counts.passed} passed` : '';
  process.stdout.write(`${counts.failed === 0 ? 'ok' : 'FAILED'} (${seconds} s${tests})\n`);
  if (counts.failed > 0) process.stdout.write(`\n${output.trimEnd()}\n\n`);
  for (const text of counts.unsteady ?? []) process.stdout.write(`\nunsteady, passed when tried again: ${text}\n\n`);
}

const { passed, failed } = sumCounts(all);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
