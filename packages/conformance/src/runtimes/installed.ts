import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Runtime } from '../runtime.ts';
import { node } from './node.ts';
import { processRuntime } from './process.ts';

// A project of its own, with its own lock: half a gigabyte that nothing else needs.
const PROJECT = resolve(import.meta.dirname, '../../runtimes');
const PNPM = resolve(PROJECT, '../../../node_modules/.bin/pnpm');
const HERE = `${process.platform}-${process.arch}`;

const DENO = [
  'run',
  '--allow-net',
  '--allow-env',
  '--allow-read',
  '--allow-write',
  '--allow-sys',
  '--no-prompt',
  '--no-lock',
];

/** Where the packages of this platform put each program, below `runtimes/node_modules`. */
const PROGRAMS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bun: {
    'linux-x64': '@oven/bun-linux-x64/bin/bun',
    'linux-arm64': '@oven/bun-linux-aarch64/bin/bun',
    'darwin-arm64': '@oven/bun-darwin-aarch64/bin/bun',
  },
  deno: { 'linux-x64': '@deno/linux-x64-glibc/deno' },
};

/**
 * Installs the runtimes that the workspace does not bring, at their pinned versions; costs a second when they are there.
 *
 * @throws when that is not possible, with what pnpm said.
 */
export async function installRuntimes(): Promise<void> {
  const args = ['install', '--frozen-lockfile', '--ignore-workspace', '--prefer-offline'];
  await promisify(execFile)(PNPM, args, { cwd: PROJECT }).catch((error: unknown) => {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`The runtimes could not be installed: ${stderr ?? ''}${stdout ?? String(error)}`.trimEnd());
  });
}

/**
 * How a runtime that knows Node's modules is told to run a file.
 *
 * @throws when it is not there, with what to do.
 */
export function commandOf(name: string): readonly [path: string, ...args: string[]] {
  if (name === node.name) return [process.execPath];
  const path = join(PROJECT, 'node_modules', PROGRAMS[name]?.[HERE] ?? `${name}-${HERE}/bin/node`);
  if (!existsSync(path))
    throw new Error(`There is no ${name} for ${HERE}: see packages/conformance/runtimes/package.json.`);
  return name === 'deno' ? [path, ...DENO] : [path];
}

const installed = (name: string): Runtime => processRuntime(name, () => commandOf(name));

/** Node's other versions. */
export const otherNodes: readonly Runtime[] = ['node-20', 'node-22', 'node-26'].map(installed);
/** Deno, with the leave that the README of `@flags/node` names. */
export const deno: Runtime = installed('deno');
/** Bun. */
export const bun: Runtime = installed('bun');
