import { parseArgs } from 'node:util';
import { describeFinding, runFuzz, type RunCounts } from './run.ts';
import { ANSWERERS, startAnswerers, USUAL } from './start.ts';

const HELP = `Asks random flags of every runtime and of a relay, and says where answers differ.

  npm run fuzz -- [options]

  --seconds <n>   how long; 60 when absent
  --seed <n>      what the cases are made from; another each time when absent
  --only <names>  ask these alone, beside the oracle; with commas between them. They are
                  ${ANSWERERS.join(', ')};
                  ${USUAL.join(', ')} when absent
  --cases <n>     end after so many cases, in steps of 20
  --help          this text

Ends with 0 when all agree, with 1 when they do not: then it shows the seed, what everyone says, and the smallest case that shows it.
`;

const write = (text: string): void => void process.stdout.write(text);

/** Says what is wrong with the command, and ends. */
function refuse(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

/** A whole number of an option, or the end of the program. */
function numberOf(name: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= least) return number;
  return refuse(`--${name} has to be a whole number from ${least} on, not ${JSON.stringify(text)}.`);
}

const parse = () =>
  parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      cases: { type: 'string' },
      only: { type: 'string', multiple: true, default: [...USUAL] },
      help: { type: 'boolean', default: false },
    },
  });

function readOptions(): { seconds: number; seed: number; cases: number; only: readonly string[] } {
  let values: ReturnType<typeof parse>['values'];
  try {
    ({ values } = parse());
  } catch (error) {
    refuse(`${(error as Error).message}. --help says what there is.`);
  }
  const only = values.only.flatMap((names) => names.split(','));
  const unknown = only.find((name) => !ANSWERERS.includes(name));
  if (unknown !== undefined) refuse(`--only takes ${ANSWERERS.join(', ')}, not ${JSON.stringify(unknown)}.`);
  if (values.help) {
    write(HELP);
    process.exit(0);
  }
  const cases = values.cases === undefined ? Infinity : numberOf('cases', values.cases, 1);
  return {
    seconds: numberOf('seconds', values.seconds, 1),
    seed: numberOf('seed', values.seed, -(2 ** 31)),
    cases,
    only,
  };
}

function coverageText(coverage: ReadonlyMap<string, number>): string {
  const rows = [...coverage]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, count]) => `${String(count).padStart(10)}  ${what}\n`);
  return `What the oracle came across:\n${rows.join('')}`;
}

const { seconds, seed, cases, only } = readOptions();
write(`Seed ${seed}. Asking ${only.join(', ')} and the oracle, for ${seconds} s.\n`);
const answerers = await startAnswerers(only);
let told = 0;
const onProgress = ({ cases, reads, ms }: RunCounts): void => {
  if (ms - told < 10_000) return;
  told = ms;
  write(`${Math.round(ms / 1000)} s: ${cases} cases, ${reads} reads in each, no difference\n`);
};
try {
  const { finding, ...counts } = await runFuzz(
    { seed, ms: seconds * 1000, cases, shrinkMs: 180_000, onProgress },
    answerers,
  );
  write(coverageText(answerers.coverage));
  write(
    `${counts.cases} cases, ${counts.reads} reads in each of ${only.join(', ')}, in ${Math.round(counts.ms / 1000)} s, from seed ${seed}\n`,
  );
  if (finding) {
    write(
      `They differ. To see it again: npm run fuzz -- --cases 20 --seed ${finding.seed}\n${describeFinding(finding)}`,
    );
    process.exitCode = 1;
  } else write('All agree.\n');
} finally {
  await answerers.close();
}
