import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { folderOf } from '../frame/machine.ts';

/** What an installation puts on the disk. */
export interface Footprint {
  readonly packages: number;
  readonly bytes: number;
}

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

function bytesOf(folder: string): number {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    sum += entry.isDirectory() ? bytesOf(path) : lstatSync(path).size;
  }
  return sum;
}

// A dependency lies in the `node_modules` of its dependent or of a folder above it.
function findDependency(from: string, name: string): string | undefined {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name);
    if (existsSync(path)) return realpathSync(path);
  }
  return undefined;
}

/**
 * A package with all that npm installs along: what it depends on, and peers that are not optional.
 *
 * @param published Folders of our packages as they would be published, by name, to be counted in place of the sources.
 */
export function footprint(name: string, published: ReadonlyMap<string, string> = new Map()): Footprint {
  const seen = new Map<string, string>();
  const visit = (folder: string): void => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    if (seen.has(folder)) return;
    seen.set(folder, published.get(manifest.name) ?? folder);
    const { dependencies, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
    const peers = Object.keys(peerDependencies).filter((peer) => peerDependenciesMeta[peer]?.optional !== true);
    for (const needed of [...Object.keys(dependencies ?? {}), ...peers]) {
      const found = findDependency(folder, needed);
      if (found !== undefined) visit(found);
    }
  };
  visit(realpathSync(folderOf(name)));
  return { packages: seen.size, bytes: [...seen.values()].reduce((sum, folder) => sum + bytesOf(folder), 0) };
}

/** Packs our packages and unpacks them again, for as long as `work` needs them. */
export async function withPublished<T>(work: (published: ReadonlyMap<string, string>) => T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'flags-benchmark-pack-'));
  try {
    const root = resolve(import.meta.dirname, '../..');
    execFileSync(process.execPath, ['--conditions=@flags/source', join(root, 'scripts/pack.ts'), folder], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const published = new Map<string, string>();
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.tgz'))) {
      const into = mkdtempSync(join(folder, 'unpacked-'));
      execFileSync('tar', ['-xzf', join(folder, file), '-C', into]);
      const manifest = JSON.parse(readFileSync(join(into, 'package/package.json'), 'utf8')) as Manifest;
      published.set(manifest.name, join(into, 'package'));
    }
    return work(published);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
