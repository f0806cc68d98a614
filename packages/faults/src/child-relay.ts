import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readMetric } from './metric.ts';

/** The relay's own command, in a process of its own. */
export interface ChildRelay {
  readonly url: string;
  readonly port: number;
  /** Resolves with its exit code, or the signal that ended it. */
  readonly gone: Promise<number | NodeJS.Signals>;
  /** All it has written. */
  log(): string;
  signal(signal: NodeJS.Signals): void;
  /** A metric's value, by its name and labels as Prometheus writes them; 0 when it is not there. */
  metric(name: string): Promise<number>;
  /** Kills it. */
  close(): Promise<void>;
}

/** How the command is run. */
export interface ChildRelayOptions {
  readonly flags: string;
  /** At least one server key. */
  readonly keys: readonly string[];
  /** 0 when absent: any free one. */
  readonly port?: number;
  /** 127.0.0.1 when absent. */
  readonly host?: string;
  /** A command that runs the command. */
  readonly prefix?: readonly string[];
  /** Further arguments of the command. */
  readonly args?: readonly string[];
}

const folder = dirname(createRequire(import.meta.url).resolve('@flags/relay/package.json'));

/** Starts `flags-relay` from its sources; resolves when it takes connections. */
export async function startChildRelay(options: ChildRelayOptions): Promise<ChildRelay> {
  const { flags, keys, port = 0, host = '127.0.0.1', prefix = [], args = [] } = options;
  const source = ['--conditions=@flags/source', '--disable-warning=ExperimentalWarning', join(folder, 'src/main.ts')];
  const own = ['--flags', flags, '--host', host, '--port', String(port), '--log', 'lines'];
  const [command = '', ...rest] = [...prefix, process.execPath, ...source, ...own, ...args];
  const child = spawn(command, rest, {
    env: { PATH: process.env['PATH'], FLAGS_RELAY_KEYS: keys.join() },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (log += text));
  const gone = once(child, 'close').then(() => child.exitCode ?? child.signalCode ?? 0);
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  const address = /http:\/\/[\d.]+:(\d+)/;
  while (!address.test(log)) {
    if (child.exitCode !== null) throw new Error(`the relay did not start:\n${log}`);
    await sleep(10);
  }
  const [url = '', text = ''] = address.exec(log) ?? [];
  return {
    url,
    port: Number(text),
    gone,
    log: () => log,
    signal: (signal) => void child.kill(signal),
    metric: (name) => readMetric(url, keys[0] ?? '', name),
    close,
  };
}
