// `npm run release`: builds every package, and publishes those versions that the registry does not have yet. What keeps a release from
// being what it should is said before anything is built.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

function problem(): string | undefined {
  const changesets = readdirSync(join(root, '.changeset')).filter((file) => file.endsWith('.md'));
  if (changesets.length > 0) {
    return `Changes are in no version yet (${changesets.slice(0, 3).join()}): run "npm run version", look at what it did, and commit it.`;
  }
  if (execFileSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' }) !== '') {
    return 'Not everything is committed: a release is made of what others can see.';
  }
  return undefined;
}

const commands = [
  // Also where all is built: a package may have its version in its code.
  ['turbo', 'run', 'build', '--ui=stream', '--output-logs=errors-only'],
  ['changeset', 'publish'],
] as const;

const found = problem();
if (found !== undefined) {
  process.stderr.write(`${found}\n`);
  process.exit(1);
}
for (const [command, ...args] of commands) {
  const { status } = spawnSync(join(root, 'node_modules/.bin', command), args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
