import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';

/** Where and when numbers were taken. */
export interface Circumstances {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  /** Of this repository; with `+` where files differed from it. */
  readonly commit: string;
  /** The machine's load of the last minute when the run began: above the number of cores others were waiting. */
  readonly load: number;
}

const git = (...args: readonly string[]): string => {
  try {
    return execFileSync('git', [...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return '';
  }
};

/** What this machine is. */
export function circumstances(): Circumstances {
  const all = cpus();
  const isChanged = git('status', '--porcelain', '--untracked-files=no', '--', 'packages') !== '';
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' '),
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.version,
    v8: process.versions.v8,
    commit: `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`,
    load: Number((loadavg()[0] ?? 0).toFixed(2)),
  };
}

const require = createRequire(import.meta.url);

/** The folder of a package that the benchmarks depend on. */
export function folderOf(name: string): string {
  const found = require.resolve.paths(name)?.map((folder) => join(folder, name));
  const folder = found?.find((path) => hasManifest(path));
  if (folder === undefined) throw new Error(`${name} is not installed.`);
  return folder;
}

function hasManifest(folder: string): boolean {
  try {
    return readFileSync(join(folder, 'package.json')).length > 0;
  } catch {
    return false;
  }
}

/** The version of an installed package. */
export function versionOf(name: string): string {
  return (JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8')) as { version: string }).version;
}
