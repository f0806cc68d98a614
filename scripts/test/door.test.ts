import { execFile, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterAll, describe, expect, onTestFailed, test } from 'vitest';

// A copy of the workspace's door, with an npx that notes its arguments and "installs" the Node that runs this test.
const root = resolve(import.meta.dirname, '../..');
const copy = mkdtempSync(join(tmpdir(), 'flags-door-'));
afterAll(() => rmSync(copy, { recursive: true }));

mkdirSync(join(copy, 'bin'));
mkdirSync(join(copy, 'examples/hello'), { recursive: true });
for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'scripts/run.mjs'])
  cpSync(join(root, file), join(copy, file));
writeFileSync(
  join(copy, 'bin/npx'),
  `#!/bin/sh\necho "$@" >> npx-calls\nmkdir -p node_modules/.bin\nln -sf "${process.execPath}" node_modules/.bin/node\n`,
);
chmodSync(join(copy, 'bin/npx'), 0o755);
writeFileSync(
  join(copy, 'examples/hello/main.ts'),
  `const parent: number = process.ppid;
if (process.argv.includes('--once')) process.exit(7);
process.on('SIGTERM', () => { console.log('drained'); process.exit(0); });
setInterval(() => {}, 1e6);
console.log('ready', parent > 0, process.versions.node.split('.')[0]);`,
);

const env = { ...process.env, PATH: [join(copy, 'bin'), process.env['PATH']].join(delimiter) };
const calls = (): readonly string[] => readFileSync(join(copy, 'npx-calls'), 'utf8').trim().split('\n');

describe('The door of the workspace', { timeout: 30_000 }, () => {
  test('sets the workspace up with the pinned pnpm, then runs the program and passes on its exit code', async () => {
    const start = promisify(execFile)('npm', ['start', '--silent', '--', '--once'], { cwd: copy, env });
    await expect(start).rejects.toMatchObject({ code: 7 });
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      devDependencies: { pnpm: string };
    };
    expect(calls()).toEqual([`-y pnpm@${devDependencies.pnpm} install --frozen-lockfile`]);
  });

  test('ends the program when npm is asked to end, and lets it drain', async () => {
    const npm = spawn('npm', ['start', '--silent'], {
      cwd: copy,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFailed(() => {
      process.kill(-(npm.pid ?? 0), 'SIGKILL');
    });
    let output = '';
    npm.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (text.includes('ready')) npm.kill('SIGTERM');
    });
    // The pipe closes when the last process that could write to it is gone.
    const [code] = (await once(npm, 'close')) as [number | null];
    expect(output).toBe('ready true 24\ndrained\n');
    expect(code).toBe(0);
  });

  test('does not set up again until a dependency changes', async () => {
    expect(calls()).toHaveLength(1);
    writeFileSync(join(copy, 'pnpm-lock.yaml'), 'changed');
    await promisify(execFile)('npm', ['start', '--silent', '--', '--once'], { cwd: copy, env }).catch(() => undefined);
    expect(calls()).toHaveLength(2);
  });
});
