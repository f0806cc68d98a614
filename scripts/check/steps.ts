import { countVitest } from './counts.ts';
import type { Counts } from './counts.ts';

/** One command of `npm test`. */
export interface Step {
  readonly name: string;
  readonly command: string;
  /** `REPORT` stands for the path of a file that the command writes and `count` reads. */
  readonly args: readonly string[];
  /** After this long the command and all it started are stopped, and the step has failed. */
  readonly timeoutMs: number;
  /** What does not end when asked to is killed after this time; 5 s unless said otherwise. */
  readonly graceMs?: number;
  /** Counts the tests of a runner from its report (undefined if it wrote none). Without it the step counts one. */
  readonly count?: (succeeded: boolean, report: string | undefined) => Counts;
}

const minute = 60_000;
const turbo = [
  '--ui=stream',
  '--output-logs=errors-only',
  '--continue=dependencies-successful',
  '--no-update-notifier',
];

/** All that must hold, in order: what is quick to fail comes first; tests need the build. */
export const steps: readonly Step[] = [
  { name: 'lint', command: 'oxlint', args: ['--type-aware', '--deny-warnings'], timeoutMs: 2 * minute },
  { name: 'format', command: 'oxfmt', args: ['--check', '.'], timeoutMs: minute },
  { name: 'unused code', command: 'knip', args: ['--no-progress'], timeoutMs: 2 * minute },
  {
    name: 'build, types, packages, sizes',
    command: 'turbo',
    args: ['run', 'build', 'typecheck', 'pack:check', 'size', ...turbo],
    timeoutMs: 10 * minute,
  },
  { name: 'types of scripts and examples', command: 'tsc', args: [], timeoutMs: 2 * minute },
  {
    name: 'nginx for tests of faults and benchmarks',
    command: 'node',
    args: ['packages/faults/src/install-nginx.ts'],
    timeoutMs: 3 * minute,
  },
  {
    name: 'browsers for the tests in browsers',
    command: 'node',
    args: ['packages/browser-tests/src/install-browsers.ts'],
    timeoutMs: 5 * minute,
  },
  {
    name: 'tests',
    command: 'vitest',
    args: ['run', '--reporter=default', '--reporter=json', '--outputFile.json=REPORT'],
    timeoutMs: 30 * minute,
    count: countVitest,
  },
];
