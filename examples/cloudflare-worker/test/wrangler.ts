import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';

/** `wrangler dev` in a process of its own. */
export interface Wrangler {
  readonly url: string;
  /** All it has written. */
  log(): string;
  stop(): Promise<void>;
}

const folder = resolve(import.meta.dirname, '..');
const command = join(dirname(createRequire(import.meta.url).resolve('wrangler/package.json')), 'bin/wrangler.js');

/**
 * Runs the example as its README says until the test ends, on a free port, with what it keeps in a folder of its own. The packages
 * come from their sources.
 */
export async function startWrangler(vars: Readonly<Record<string, string>>, state: string): Promise<Wrangler> {
  const given = Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`]);
  const place = ['--local', '--ip', '127.0.0.1', '--port', '0', '--inspector-port', '0', '--persist-to', state];
  const child: ChildProcess = spawn(
    process.execPath,
    [command, 'dev', ...place, ...given, '--show-interactive-dev-session=false', '--log-level', 'info'],
    {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        HOME: state,
        CI: '1',
        CLOUDFLARE_CF_FETCH_ENABLED: 'false',
        WRANGLER_SEND_METRICS: 'false',
        WRANGLER_BUILD_CONDITIONS: '@flags/source,workerd,worker,browser',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (log += text));
  const gone = once(child, 'close');
  const stop = async (): Promise<void> => {
    // It hands the signal on to the runtime that it has started.
    child.kill('SIGTERM');
    await gone;
  };
  onTestFinished(stop);
  const address = /Ready on (http:\/\/127\.0\.0\.1:\d+)/;
  while (!address.test(log)) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`wrangler did not start:\n${log}`);
    await sleep(20);
  }
  return {
    url: address.exec(log)?.[1] ?? '',
    log: () => log,
    stop,
  };
}
