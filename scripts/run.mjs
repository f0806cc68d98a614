// The door of the workspace: runs one of our TypeScript programs on the pinned Node, after setting the workspace up.
// Plain JavaScript, because it must run on Node 20 with nothing installed.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

process.chdir(resolve(import.meta.dirname, '..'));

const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
// Headers of the machine's Node would be wrong for the pinned one.
for (const key of Object.keys(env)) if (/^npm_config_nodedir$/i.test(key)) delete env[key];
env.PATH = [resolve('node_modules/.bin'), env.PATH].join(delimiter);

const { pnpm } = JSON.parse(readFileSync('package.json', 'utf8')).devDependencies;
const stamp = 'node_modules/.setup-stamp';
const inputs = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'];
const want = createHash('sha256')
  .update(inputs.map((file) => readFileSync(file)).join('\0'))
  .digest('hex');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== want) {
  console.error('Setting up the workspace (once, and again when its dependencies change) …');
  const done = spawnSync('npx', ['-y', `pnpm@${pnpm}`, 'install', '--frozen-lockfile'], { stdio: 'inherit', env });
  if (done.error) throw done.error;
  if (done.status !== 0) process.exit(done.status ?? 1);
  writeFileSync(stamp, want);
}

const node = resolve('node_modules/.bin/node');
if (!existsSync(node)) {
  console.error(
    `No pinned Node for ${process.platform}-${process.arch}: add its package from the registry to optionalDependencies in package.json.`,
  );
  process.exit(1);
}
const child = spawn(
  node,
  ['--conditions=@flags/source', '--disable-warning=ExperimentalWarning', ...process.argv.slice(2)],
  { stdio: 'inherit', env },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
});
