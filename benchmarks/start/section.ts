import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { Described } from '../evaluate/adapter-process.ts';
import { adapterNames, importAdapter } from '../evaluate/adapters.ts';
import { startWorker } from '../frame/processes.ts';
import type { RunOptions, Section } from '../frame/section.ts';
import { quantile } from '../frame/statistics.ts';
import { coldStarts } from './cold.ts';
import type { SizedStart, StartNumbers, StartRow } from './page.ts';
import { startGoals } from './goals.ts';
import { startPage } from './page.ts';
import type { StartQuestion, Started } from './start-process.ts';

const PROCESS = join(import.meta.dirname, 'start-process.ts');
// What else the machine does only adds to a start.
const quickest = (values: readonly number[]): number => quantile(values, 0);

async function once(question: StartQuestion): Promise<Started> {
  const worker = startWorker(PROCESS, ['--expose-gc']);
  const started = await worker.ask<Started>(question);
  await worker.kill();
  return started;
}

function build(): void {
  const root = resolve(import.meta.dirname, '../..');
  execFileSync('turbo', ['run', 'build', '--filter=@flags/node', '--ui=stream', '--output-logs=errors-only'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

async function run({ isQuick, log }: RunOptions): Promise<StartNumbers> {
  const counts = isQuick ? [20] : [100, 1_000, 10_000];
  const rounds = isQuick ? 1 : 5;
  const names = isQuick ? ['flags-core', 'growthbook', 'launchdarkly'] : adapterNames;
  const described: Pick<Described, 'name' | 'role'>[] = [];
  for (const name of names) described.push(await importAdapter(name));
  const sizes: SizedStart[][] = names.map(() => []);
  for (const flags of counts) {
    log(`${flags} flags: from the text to the first answer`);
    const taken: Started[][] = names.map(() => []);
    for (let round = 0; round < rounds; round += 1) {
      for (const [at, adapter] of names.entries()) {
        const changes = flags === counts.at(-1) ? 5 : 0;
        taken[at]?.push(await once({ adapter, flags, changes }));
      }
    }
    for (const [at, all] of taken.entries()) {
      const changes = all.flatMap(({ changeMs }) => changeMs);
      sizes[at]?.push({
        flags,
        payloadBytes: all[0]?.payloadBytes ?? 0,
        ms: quickest(all.map(({ ms }) => ms)),
        heldBytes: quantile(
          all.map(({ heldBytes }) => heldBytes),
          0.5,
        ),
        ...(changes.length === 0 ? {} : { changeMs: quickest(changes) }),
      });
    }
  }
  log('cold starts of a process');
  if (!isQuick) build();
  const cold = await coldStarts(names, isQuick ? 1 : 11, isQuick ? ['@flags/source'] : []);
  const rows: readonly StartRow[] = described.map(({ name, role }, at) => ({
    name,
    role,
    sizes: sizes[at] ?? [],
    coldMs: quickest(cold.get(names[at] ?? '') ?? []),
  }));
  return { rounds, bareMs: quickest(cold.get('bare') ?? []), rows };
}

/** What a start costs. */
export const startSection: Section<StartNumbers> = {
  name: 'start',
  title: 'Starting, and one change',
  what: 'from the text of the flags to the first answer, what is held, cold processes, a change of one flag',
  run,
  render: startPage,
  goals: startGoals,
};
