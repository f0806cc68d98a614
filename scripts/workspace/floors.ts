import { relative, resolve, sep } from 'node:path';

/**
 * The floors of the house, lowest first. A package may import packages of lower floors only: never one above it, and never a neighbour.
 * A folder that is missing here belongs to no floor, and the workspace test fails.
 */
export const floors: readonly (readonly string[])[] = [
  ['packages/core'],
  ['packages/sync', 'packages/config'],
  ['packages/browser', 'packages/node', 'packages/edge'],
  [
    'packages/react',
    'packages/openfeature',
    'packages/relay',
    'packages/control-plane',
    'packages/router',
    'packages/cli',
  ],
  ['examples', 'packages/faults', 'packages/browser-tests', 'packages/edge-tests'],
  ['packages/conformance', 'benchmarks'],
];

/** The floor a folder stands on (0 is the lowest), or -1. Every example stands on the floor of `examples`. */
export function floorOf(folder: string): number {
  const name = folder.startsWith('examples/') ? 'examples' : folder;
  return floors.findIndex((floor) => floor.includes(name));
}

/** The folder of the workspace package that holds a file, or undefined for the root's own files. All paths are absolute. */
function packageOf(root: string, file: string): string | undefined {
  const [first, second] = relative(root, file).split(sep);
  if (first === 'benchmarks') return first;
  if ((first === 'packages' || first === 'examples' || first === 'tools') && second) return `${first}/${second}`;
  return undefined;
}

/**
 * Says what is wrong with an import, or nothing. `specifier` is as written; `file` and `root` are absolute paths.
 * Imports of third-party packages are none of its business: `knip` and the manifests see to those.
 */
export function floorProblem(root: string, file: string, specifier: string): string | undefined {
  const from = packageOf(root, file);
  if (!from) return undefined;
  const own = /^@flags\/([^/]+)/.exec(specifier);
  if (own) return stepProblem(from, `packages/${own[1]}`);
  if (!specifier.startsWith('.')) return undefined;
  const target = packageOf(root, resolve(file, '..', specifier));
  if (target === from) return undefined;
  return `${specifier} leaves ${from}: import another package by its name, and nothing else from outside.`;
}

/** Says why a package may not depend on another one, or nothing. Both are folders such as `packages/core`. */
export function stepProblem(from: string, to: string): string | undefined {
  if (from === to) return undefined;
  const here = floorOf(from);
  const there = floorOf(to);
  if (here < 0) return `${from} stands on no floor: add it to scripts/workspace/floors.ts.`;
  if (there < 0) return `${to} stands on no floor: add it to scripts/workspace/floors.ts.`;
  if (there < here) return undefined;
  const way = there === here ? 'is a neighbour of' : 'is above';
  return `${to} ${way} ${from}: imports go down the floors only. What both need moves down.`;
}
