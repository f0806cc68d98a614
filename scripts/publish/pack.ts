import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { listPublicPackages } from '../workspace/packages.ts';

const run = promisify(execFile);

/** Builds every package of the workspace; what is built already costs nothing. */
export async function buildAll(root: string): Promise<void> {
  await run(join(root, 'node_modules/.bin/turbo'), ['run', 'build', '--ui=stream', '--output-logs=errors-only'], {
    cwd: root,
  });
}

/** Packs every public package as it would be published, into `flags-core.tgz` and so on. Answers the paths of the tarballs by the names of the packages. */
export async function packAll(root: string, into: string): Promise<ReadonlyMap<string, string>> {
  const tarballs = new Map<string, string>();
  mkdirSync(into, { recursive: true });
  for (const { folder, manifest } of listPublicPackages(root)) {
    const name = manifest.name ?? folder;
    const file = resolve(into, `${name.replace('@', '').replace('/', '-')}.tgz`);
    await run(join(root, 'node_modules/.bin/pnpm'), ['pack', '--out', file], { cwd: join(root, folder) });
    if (!existsSync(file)) throw new Error(`${name} was not packed.`);
    tarballs.set(name, file);
  }
  return tarballs;
}
