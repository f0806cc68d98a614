import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

// Tests and type checks read the sources: `@flags/source` is the private condition of our own manifests.
const conditions = ['@flags/source', 'node', 'development|production'];

// Files whose tests share nothing but what they import need not load it anew: that takes longer than most of their tests.
const SHARING = new Set(['core', 'sync', 'config', 'node', 'edge']);

// What meets the clock is tried once more on a machine that others use as well, and told at the end of `npm test` as unsteady; a
// counterexample of a property, found from a seed, stands as it is.
const SECOND_TRY = process.env['CI'] === undefined ? {} : { retry: { count: 1, condition: /^(?!Property failed)/ } };

// Tests of a package or an example lie in its `test` folder; those of the workspace itself in scripts/test.
const projects = [
  ...readdirSync('packages').map((name) => ({ name, root: `packages/${name}`, ...runs(name) })),
  // The tests of React once more, with the oldest one that is promised.
  { name: 'react-18', root: 'packages/react', ...runs('react'), ...react18() },
  { name: 'hello', root: 'examples/hello', ...runs('hello') },
  { name: 'node-express', root: 'examples/node-express', ...runs('node-express') },
  { name: 'cloudflare-worker', root: 'examples/cloudflare-worker', ...runs('cloudflare-worker') },
  { name: 'benchmarks', root: 'benchmarks', ...runs('benchmarks') },
  { name: 'workspace', root: 'scripts', ...runs('workspace') },
];

interface Runs {
  readonly maxWorkers?: number;
  readonly testTimeout?: number;
  readonly sequence?: { groupOrder: number };
  readonly environment?: 'jsdom';
  readonly isolate?: false;
  readonly retry?: { readonly count: number; readonly condition: RegExp };
}

function runs(name: string): Runs {
  return { ...how(name), ...SECOND_TRY };
}

// Cases of faults wait for the most part: after the others, and several at a time. Browsers want the machine for themselves.
// Components are tested in a page.
function how(name: string): Runs {
  if (name === 'react') return { environment: 'jsdom' };
  if (name === 'conformance') return { maxWorkers: 1, testTimeout: 60_000, sequence: { groupOrder: 2 } };
  if (name === 'edge-tests' || name === 'cloudflare-worker')
    return { maxWorkers: 3, testTimeout: 30_000, sequence: { groupOrder: 1 } };
  if (name === 'browser-tests') return { maxWorkers: 1, testTimeout: 60_000, sequence: { groupOrder: 2 } };
  if (name === 'faults') return { maxWorkers: 3, sequence: { groupOrder: 1 } };
  return SHARING.has(name) ? { isolate: false } : {};
}

function react18(): { alias: Record<string, string>; env: Record<string, string>; typecheck: { enabled: boolean } } {
  const names = ['react', 'react-dom', '@testing-library/react'];
  const alias = Object.fromEntries(names.map((name) => [name, resolve('tools/react-18/node_modules', name)]));
  return { alias, env: { REACT_MAJOR: '18' }, typecheck: { enabled: false } };
}

export default defineConfig({
  // As Node reads it; `module`, which Vite prefers, is for bundlers, and some of what stands there runs nowhere else.
  resolve: { conditions, mainFields: ['main'] },
  ssr: { resolve: { conditions, mainFields: ['main'] } },
  test: {
    typecheck: { enabled: true },
    // Many start processes, which takes its time on a machine that does other things as well.
    testTimeout: 15_000,
    setupFiles: [resolve('scripts/test/fail-on-console.ts')],
    projects: projects
      .filter(({ root }) => existsSync(root))
      .map((project) => ({ extends: true as const, test: { ...project, include: ['test/**/*.test.{ts,tsx}'] } })),
  },
});
