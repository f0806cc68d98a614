import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = resolve(import.meta.dirname, '../../..');

const NEXT_EXAMPLE = resolve(ROOT, 'examples/next');

const NEXT = resolve(NEXT_EXAMPLE, 'node_modules/next/dist/bin/next');

/** An app of Next that takes requests. */
export interface NextServer {
  readonly url: string;
  /** All it has written. */
  readonly log: () => string;
  /** Ends it and what it has started, at once; where that was done, nothing more. */
  readonly close: () => Promise<void>;
}

interface Command {
  readonly child: ChildProcess;
  readonly log: () => string;
  readonly gone: Promise<unknown>;
}

/** Runs a program of ours, in a group of its own and with nothing of the environment of tests. */
function run(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Command {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (log += text));
  return { child, log: () => log, gone: once(child, 'close') };
}

async function finish({ child, log, gone }: Command): Promise<string> {
  await gone;
  if (child.exitCode !== 0) throw new Error(`it failed:\n${log()}`);
  return log();
}

/** Builds the packages that the example uses, which costs nothing where they are built: Next takes them as they are published. */
export async function buildPackages(): Promise<void> {
  const args = [
    'run',
    'build',
    '--filter=@flags-internal/example-next^...',
    '--ui=stream',
    '--output-logs=errors-only',
  ];
  await finish(run([resolve(ROOT, 'node_modules/turbo/bin/turbo'), ...args], ROOT, {}));
}

/** Builds the example, and gives what Next wrote. */
export function buildNextExample(env: Readonly<Record<string, string>>): Promise<string> {
  // Types of pages that are gone: Next checks them, too.
  for (const types of ['.next/types', '.next/dev/types'])
    rmSync(resolve(NEXT_EXAMPLE, types), { recursive: true, force: true });
  return finish(run([NEXT, 'build'], NEXT_EXAMPLE, env));
}

/**
 * A copy of the example, for `next dev`, which somebody may have running in the example itself. Gives its folder.
 *
 * @param entry What stands before pages; a `proxy.ts` is the same program as the `middleware.ts`, in Node.
 */
export function copyNextExample(entry: 'middleware' | 'proxy'): string {
  // Below the example, for what it imports; and where no tool looks.
  const folder = resolve(NEXT_EXAMPLE, `dist/${entry}`);
  for (const name of ['app', 'flags', 'policy.ts', 'next.config.ts', 'tsconfig.json', 'package.json']) {
    rmSync(resolve(folder, name), { recursive: true, force: true });
    cpSync(resolve(NEXT_EXAMPLE, name), resolve(folder, name), { recursive: true });
  }
  const text = readFileSync(resolve(NEXT_EXAMPLE, 'middleware.ts'), 'utf8');
  writeFileSync(resolve(folder, `${entry}.ts`), text.replace('async function middleware(', `async function ${entry}(`));
  return folder;
}

/** Starts an app as `next start` or `next dev` does; resolves when it takes requests. */
export async function startNext(
  command: 'start' | 'dev',
  env: Readonly<Record<string, string>>,
  folder: string = NEXT_EXAMPLE,
  port: number = 0,
): Promise<NextServer> {
  const { child, log, gone } = run([NEXT, command, '-H', '127.0.0.1', '-p', String(port)], folder, env);
  const address = /http:\/\/127\.0\.0\.1:\d+/;
  while (!(address.test(log()) && log().includes('Ready'))) {
    if (child.exitCode !== null) throw new Error(`next ${command} did not start:\n${log()}`);
    await sleep(10);
  }
  const [url = ''] = address.exec(log()) ?? [];
  return {
    url,
    log,
    close: async () => {
      const isRunning = child.exitCode === null && child.signalCode === null;
      if (isRunning && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await gone;
    },
  };
}
