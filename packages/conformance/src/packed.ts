import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startTestRelay } from '@flags/browser-tests/relay';
import { expectSame, runCases } from './suites/case.ts';
import type { Outcome } from './suites/case.ts';
import { startTunnel } from './tunnel.ts';

/** Runs a file with arguments in a runtime. */
export type Command = readonly [path: string, ...args: string[]];

const ROOT = resolve(import.meta.dirname, '../../..');
const execute = promisify(execFile);
// What keeps a program alive that has nothing else to do would keep it for ever, or for as long as a request may take.
const ENDS_WITHIN_MS = 3_000;
const PATIENCE = 15_000;

// Ends without closing its client.
const LIVE = `import { createClient } from '@flags/node';
import process from 'node:process';
const [url, key, cache] = process.argv.slice(2);
const flags = createClient({ url, key, cache });
await flags.ready({ timeoutMs: ${PATIENCE} });
console.log(flags.value('a', 'default'));
let heard = false;
flags.subscribe('a', () => (heard = true));
while (!heard) await new Promise((resolve) => setTimeout(resolve, 10));
await flags.flush();
console.log(flags.value('a', 'default'));
`;

const CACHED = `const { createClient } = require('@flags/node');
const process = require('node:process');
const [url, key, cache] = process.argv.slice(2);
const flags = createClient({ url, key, cache });
const { source, stale } = flags.status();
console.log(flags.value('a', 'default'), source, stale);
flags.close().then(() => console.log('closed'));
`;

/**
 * Packs `@flags/node` as it would be published, and installs it in an empty folder, as a user would.
 *
 * @throws when that fails, with what was said.
 */
export async function installPacked(folder: string): Promise<void> {
  const tarballs = join(folder, 'tarballs');
  await execute(process.execPath, ['--conditions=@flags/source', 'scripts/pack.ts', tarballs], { cwd: ROOT });
  const names = ['core', 'sync', 'node'];
  const dependencies = Object.fromEntries(names.map((name) => [`@flags/${name}`, `file:tarballs/flags-${name}.tgz`]));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }));
  await execute('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: folder });
  await writeFile(join(folder, 'live.mjs'), LIVE);
  await writeFile(join(folder, 'cached.cjs'), CACHED);
}

/** Runs small programs over the installed package against a real relay, as this command does. */
export async function runPacked(name: string, command: Command, folder: string): Promise<Outcome> {
  const relay = await startTestRelay('one');
  let isOpen = true;
  const stop = async (): Promise<void> => {
    if (isOpen) await relay.close();
    isOpen = false;
  };
  const own = join(folder, name);
  await mkdir(own);
  const args = [relay.url, relay.key, join(own, 'flags.json')];
  try {
    return await runCases('packed', [
      {
        name: 'a program reads, hears of a change, and ends by itself while its client is open',
        run: async () => {
          const program = start(command, [join(folder, 'live.mjs'), ...args], folder);
          await program.line('one');
          relay.set('two');
          const at = await program.line('two');
          const endedAt = await program.ended;
          expectSoon(endedAt - at, 'its last line');
          expectSame(program.said(), 'one\ntwo\n');
        },
      },
      {
        name: 'its stream ends with it',
        run: async () => {
          const end = Date.now() + PATIENCE;
          while (relay.streams() > 0 && Date.now() < end) await new Promise((done) => setTimeout(done, 20));
          expectSame(relay.streams(), 0);
        },
      },
      {
        name: 'the same over TLS and through a proxy, as the environment says',
        run: async () => {
          const tunnel = await startTunnel(relay.url);
          const authority = join(own, 'authority.pem');
          await writeFile(authority, tunnel.authority);
          const env = { HTTPS_PROXY: tunnel.proxy, NO_PROXY: '', no_proxy: '', NODE_EXTRA_CA_CERTS: authority };
          try {
            const program = start(command, [join(folder, 'live.mjs'), tunnel.url, relay.key], folder, env);
            await program.line('two');
            relay.set('three');
            const at = await program.line('three');
            const endedAt = await program.ended;
            expectSoon(endedAt - at, 'its last line');
            expectSame(tunnel.tunnels() > 0, true);
            relay.set('two');
          } finally {
            tunnel.close();
          }
        },
      },
      {
        name: 'the next one, in CommonJS, starts with its rules while nothing can be reached, and ends when it has closed',
        run: async () => {
          await stop();
          const program = start(command, [join(folder, 'cached.cjs'), ...args], folder);
          const at = await program.line('closed');
          const endedAt = await program.ended;
          expectSame(program.said(), 'two cache true\nclosed\n');
          expectSoon(endedAt - at, 'it closed');
        },
      },
    ]);
  } finally {
    await stop();
  }
}

function expectSoon(ms: number, what: string): void {
  if (ms > ENDS_WITHIN_MS) throw new Error(`It ended ${Math.round(ms)} ms after ${what}.`);
}

interface Running {
  /** When it wrote this line. Rejects when it ends without it. */
  line(text: string): Promise<number>;
  /** When it ended, by itself and well; rejects else. */
  readonly ended: Promise<number>;
  readonly said: () => string;
}

function start(
  [path, ...before]: Command,
  args: readonly string[],
  cwd: string,
  more: NodeJS.ProcessEnv = {},
): Running {
  const env = { ...process.env, ...more };
  const child = spawn(path, [...before, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let complaint = '';
  const lines = new Map<string, number>();
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    for (const line of said.split('\n').slice(0, -1)) if (!lines.has(line)) lines.set(line, performance.now());
    for (const look of watchers) look();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const kill = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  const ended = once(child, 'close').then(([code, signal]) => {
    clearTimeout(kill);
    if (code === 0) return performance.now();
    throw new Error(`It ended with ${String(code ?? signal)}. It wrote: ${said}${complaint}`);
  });
  ended.catch(() => {});
  return {
    said: () => said,
    ended,
    line: async (text) => {
      const written = new Promise<void>((done) => {
        const look = (): void => void (lines.has(text) && done());
        watchers.add(look);
        look();
      });
      await Promise.race([written, ended]);
      const at = lines.get(text);
      if (at === undefined) throw new Error(`It did not write ${text}, but: ${said}${complaint}`);
      return at;
    },
  };
}
