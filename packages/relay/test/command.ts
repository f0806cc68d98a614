import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { until } from './start.ts';

/** The command in a process of its own. */
export interface Command {
  readonly child: ChildProcess;
  /** Everything written so far, stdout and stderr. */
  readonly output: () => string;
  readonly exitCode: Promise<number | null>;
}

/** Starts the command; it is killed after the test. */
export function run(args: readonly string[], env: Readonly<Record<string, string>> = {}, input = ''): Command {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@flags/source',
      '--disable-warning=ExperimentalWarning',
      join(import.meta.dirname, '../src/main.ts'),
      ...args,
    ],
    { env: { PATH: process.env['PATH'], ...env }, stdio: 'pipe' },
  );
  child.stdin.end(input);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += String(bytes)));
  const exitCode = new Promise<number | null>((resolve) => void child.on('close', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exitCode;
  });
  return { child, output: () => output, exitCode };
}

/** The address, once the command says that it listens. */
export async function addressOf({ output }: Command): Promise<string> {
  await until(() => /http:\/\/127\.0\.0\.1:\d+/.test(output()));
  return /http:\/\/127\.0\.0\.1:\d+/.exec(output())?.[0] ?? '';
}
