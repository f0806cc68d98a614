import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { browserPath } from './installed.ts';

const READY_WITHIN_MS = 20_000;

/** What drives WebKit, and a screen that nobody sees. */
export interface WebKitDriver {
  /** Where it is told what to do, by the WebDriver protocol. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

// Runs a program until it ends or its input does, which it does when this process ends, however that comes about.
const WHILE_READ = 'exec 4<&0; (read -r _ <&4; kill $$) & exec "$@" </dev/null 4<&-';

/**
 * Starts a screen and WebKit's driver on it.
 *
 * @throws when one of them is missing or does not start, with what it said.
 */
export async function startWebKitDriver(): Promise<WebKitDriver> {
  const program = browserPath('webkit');
  const children: ChildProcess[] = [];
  function start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
    const stdio = ['pipe', 'ignore', 'pipe', 'pipe'] as const;
    const child = spawn('sh', ['-c', WHILE_READ, 'sh', command, ...args], { stdio: [...stdio], env });
    children.push(child);
    return child;
  }
  const close = async (): Promise<void> => {
    // The browser needs its screen to the end.
    for (const child of [...children].reverse()) {
      const isOver = child.exitCode !== null || child.signalCode !== null;
      const ended = isOver ? undefined : once(child, 'exit');
      child.stdin?.end();
      await ended;
    }
  };
  try {
    const screen = start('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp']);
    const display = await started(screen, 'Xvfb', (signal) => firstLine(screen.stdio[3] as Readable, signal));
    const port = await freePort();
    // The screen is one of X, whatever the developer looks at.
    const { WAYLAND_DISPLAY: _, ...env } = process.env;
    const driver = start(program, [`--port=${port}`], { ...env, DISPLAY: `:${display}`, GDK_BACKEND: 'x11' });
    const url = `http://127.0.0.1:${port}`;
    await started(driver, 'WebKitWebDriver', (signal) => answers(`${url}/status`, signal));
    return { url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Waits until a program is ready; fails with what it said when it ends before, or takes too long. */
async function started<T>(child: ChildProcess, name: string, ready: (signal: AbortSignal) => Promise<T>): Promise<T> {
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000);
  });
  const abort = new AbortController();
  const failed = new Promise<never>((_, reject) => {
    const fail = (what: string): void => reject(new Error(`${name} ${what}. ${said}`.trimEnd()));
    child.once('exit', (code, signal) => fail(`ended with ${code ?? signal} before it was ready`));
    AbortSignal.timeout(READY_WITHIN_MS).addEventListener('abort', () =>
      fail(`was not ready in ${READY_WITHIN_MS} ms`),
    );
  });
  failed.catch(() => {});
  try {
    return await Promise.race([ready(abort.signal), failed]);
  } finally {
    abort.abort();
  }
}

async function firstLine(stream: Readable, signal: AbortSignal): Promise<string> {
  const [chunk] = (await once(stream, 'data', { signal })) as [Buffer];
  return chunk.toString().trim();
}

async function answers(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const isThere = await fetch(url, { signal }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isThere) return;
    await delay(20);
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => {
    server.close(done);
  });
  return port;
}
