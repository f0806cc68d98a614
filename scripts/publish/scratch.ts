import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listPackages, listPublicPackages } from '../workspace/packages.ts';
import { runCommand } from './command.ts';

const author = ['-c', 'user.name=Release', '-c', 'user.email=release@example.com', '-c', 'commit.gpgsign=false'];

/**
 * Copies the workspace at `root` as it lies there (what is not committed too, what is ignored not) into the folder `into`, where it has
 * a git of its own, and may be changed, built and published. Packages that were built are built there; dependencies are those of `root`.
 */
export async function copyWorkspace(root: string, into: string): Promise<void> {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { stdout } = await runCommand('git', list, { cwd: root });
  const files = stdout.split('\0').filter((file) => file && existsSync(join(root, file)));
  for (const file of files) {
    mkdirSync(dirname(join(into, file)), { recursive: true });
    cpSync(join(root, file), join(into, file));
  }
  for (const { folder } of listPublicPackages(root)) {
    const dist = join(folder, 'dist');
    if (existsSync(join(root, dist))) cpSync(join(root, dist), join(into, dist), { recursive: true });
  }
  for (const folder of ['.', ...listPackages(root).map((entry) => entry.folder)]) linkModules(root, into, folder);
  await runCommand('git', ['init', '--quiet'], { cwd: into });
  await commit(into, 'Copy');
}

// Dependencies are those that are installed; but packages of ours are those of the copy, with its versions.
function linkModules(root: string, into: string, folder: string): void {
  const from = join(root, folder, 'node_modules');
  const to = join(into, folder, 'node_modules');
  if (!existsSync(from)) return;
  for (const name of readdirSync(from)) {
    const [own, target] = [name === '@flags', join(to, name)];
    mkdirSync(own ? target : to, { recursive: true });
    if (!own) symlinkSync(join(from, name), target);
    else for (const one of readdirSync(join(from, name))) symlinkSync(join(into, 'packages', one), join(target, one));
  }
}

/** Commits everything in a copy of the workspace. */
export async function commit(workspace: string, message: string): Promise<void> {
  await runCommand('git', ['add', '--all'], { cwd: workspace });
  await runCommand('git', [...author, 'commit', '--quiet', '--no-verify', '--message', message], { cwd: workspace });
}
