import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The path of a Node 20: the one that the workspace brings for this platform, else one of the machine. Throws when there is
 * neither, for a promise that is not checked is none.
 */
export function findNode20(root: string): string {
  const { platform, arch } = process;
  const brought = ['node', 'node-bin'].map((prefix) =>
    join(root, 'tools/node-20/node_modules', `${prefix}-${platform}-${arch}`, 'bin/node'),
  );
  const ofMachine = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'));
  const found = [...brought, ...ofMachine].find((node) => existsSync(node) && majorOf(node) === '20');
  if (found) return found;
  throw new Error(`No Node 20 for ${platform}-${arch}: install one, or add its package to tools/node-20/package.json.`);
}

function majorOf(node: string): string | undefined {
  return execFileSync(node, ['--version'], { encoding: 'utf8' }).slice(1).split('.')[0];
}
