// `npm run bench`: measures us and what a user would pick instead, side by side in one run. Nothing leaves this machine.
import { writeFileSync } from 'node:fs';
import { circumstances } from './frame/machine.ts';
import { helpText, readOptions } from './frame/options.ts';
import type { Results, Taken } from './frame/results.ts';
import { readResults, writeResults } from './frame/results.ts';
import { sections } from './sections.ts';

// As in production: some SDKs log, and check more, without it.
process.env['NODE_ENV'] = 'production';

const seconds = (since: number): number => (performance.now() - since) / 1_000;
const told = readOptions(process.argv.slice(2), sections);

async function run({ only, isQuick, amounts, json }: Extract<typeof told, { do: 'run' }>): Promise<void> {
  const started = performance.now();
  const log = (name: string, line: string): void =>
    void process.stderr.write(`${seconds(started).toFixed(0).padStart(4)} s  ${name.padEnd(8)} ${line}\n`);
  // RESULTS.md has the usual amounts alone.
  const isOther = Object.keys(amounts).length > 0;
  const taken: Record<string, Taken> = {};
  for (const section of sections.filter(({ name }) => only.includes(name))) {
    const at = circumstances();
    const before = performance.now();
    const numbers: unknown = await section.run({ isQuick, amounts, log: (line) => log(section.name, line) });
    taken[section.name] = { circumstances: at, seconds: seconds(before), numbers };
    // The page is made of quick numbers as well, so that a test sees that it can be.
    const { text } = section.render(numbers as never);
    if (isQuick) log(section.name, `works; its page has ${text.split('\n').length} lines`);
    else if (isOther) process.stdout.write(`${text}\n`);
    // What is measured last must not be lost with what comes after it.
    else writeResults({ ...readResults(), ...taken } satisfies Results, sections);
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(taken, undefined, 1)}\n`);
  log('done', isQuick || isOther ? 'nothing was written' : 'benchmarks/RESULTS.md, benchmarks/results');
}

if (told.do === 'help') process.stdout.write(helpText(sections));
else if (told.do === 'complain') {
  process.stderr.write(`${told.problem} See npm run bench -- --help.\n`);
  process.exitCode = 2;
} else {
  await run(told);
  // Some SDKs leave timers and sockets behind in this process, which imported them to name them.
  process.exit(0);
}
