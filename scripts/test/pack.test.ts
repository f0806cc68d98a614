import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readExample } from '../pack/example.ts';
import { buildAll, installTarballs, packAll } from '../pack/install.ts';
import { findNode20 } from '../pack/node-20.ts';
import { JEST_TEST, SERVER_COMPONENT } from '../pack/react-programs.ts';
import { startRelay } from '../pack/relay.ts';
import type { StartedRelay } from '../pack/relay.ts';
import { listPublicPackages } from '../workspace/packages.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'flags-pack-'));
const user = join(folder, 'user');
const packages = listPublicPackages(root).map(({ folder: path, manifest }) => ({ path, name: manifest.name ?? path }));
const nodes = [
  { node: '20', binary: findNode20(root) },
  { node: '24', binary: process.execPath },
];

let relay: StartedRelay | undefined;
let tarballs: ReadonlyMap<string, string> = new Map();

beforeAll(async () => {
  await buildAll(root);
  tarballs = await packAll(root, folder);
  await installTarballs(user, tarballs);
  relay = await startRelay(user, findNode20(root));
}, 300_000);
afterAll(async () => {
  await relay?.stop();
  rmSync(folder, { recursive: true });
  // Many files, on disks that may be busy.
}, 60_000);

function readmeOf(path: string): string {
  return readFileSync(join(root, path, 'README.md'), 'utf8');
}

async function runExample(
  binary: string,
  flags: readonly string[],
  name: string,
  code: string,
): Promise<readonly string[]> {
  // A folder of its own: examples write files.
  const cwd = join(user, name.replace('.', '-'));
  mkdirSync(cwd);
  const file = join(cwd, name);
  writeFileSync(file, code);
  const env = { ...process.env, FLAGS_URL: relay?.url, FLAGS_KEY: relay?.key };
  const { stdout, stderr } = await run(binary, [...flags, file], { cwd, env, timeout: 60_000 });
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

const formats = [
  { format: 'an ES module', key: 'module', extension: 'mjs' },
  { format: 'CommonJS', key: 'commonJs', extension: 'cjs' },
] as const;
const cases = packages.flatMap((entry) =>
  formats.flatMap((format) => nodes.map((node) => ({ ...entry, ...format, ...node }))),
);

describe('Packed and installed', () => {
  test.each(cases)('the example of $name runs as $format on Node $node', { timeout: 90_000 }, async (entry) => {
    const example = readExample(readmeOf(entry.path));
    const file = `${entry.path.replace('packages/', '')}-${entry.node}.${entry.extension}`;
    const printed = await runExample(entry.binary, [], file, example[entry.key]);
    expect(example.prints.length).toBeGreaterThan(0);
    expect(printed).toEqual(example.prints);
  });

  test.each(nodes)('core needs no code made from text on Node $node', { timeout: 60_000 }, async ({ node, binary }) => {
    const { module, prints } = readExample(readmeOf('packages/core'));
    const flags = ['--disallow-code-generation-from-strings'];
    expect(await runExample(binary, flags, `core-strict-${node}.mjs`, module)).toEqual(prints);
    await expect(runExample(binary, flags, `eval-${node}.mjs`, `new Function('return 1')();`)).rejects.toThrow(
      'EvalError',
    );
  });

  test.each(packages)('$name ships its licence, its README, its sources and no path to them', ({ name }) => {
    const installed = join(user, 'node_modules', name);
    for (const file of ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.cjs', 'src/index.ts']) {
      expect(existsSync(join(installed, file)), file).toBe(true);
    }
    // What built it may name the condition; what resolves imports may not.
    const { scripts: _, ...manifest } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      readonly scripts?: object;
    };
    expect(JSON.stringify(manifest)).not.toContain('@flags/source');
  });
});

test(
  'types are sound for users who check those of libraries, and list no library but ES2022 and the DOM',
  { timeout: 60_000 },
  async () => {
    const entries = ['core', 'sync', 'sync/testing', 'browser', 'browser/remote'];
    const file = join(user, 'entries.ts');
    writeFileSync(file, entries.map((entry) => `import '@flags/${entry}';\n`).join(''));
    const options = '--noEmit --strict --module esnext --moduleResolution bundler --lib es2022,dom'.split(' ');
    const tsc = join(root, 'node_modules/.bin/tsc');
    const said = await run(tsc, [...options, file], { cwd: user }).catch((error: unknown) => error);
    expect(said).toMatchObject({ stdout: '' });
  },
);

describe('The React package, packed', () => {
  const dist = join(user, 'node_modules/@flags/react/dist');
  const directive = /^(?:"use strict";\n)?"use client";/;
  const endings = ['js', 'cjs'];

  test.each(endings)('says in .%s files for server components what is for pages, and to nobody else', (ending) => {
    for (const entry of ['index', 'devtools/index', 'testing/index', 'server/index']) {
      // Bundlers that know nothing of the directive would warn of it.
      expect(readFileSync(join(dist, `${entry}.${ending}`), 'utf8')).not.toContain('use client');
    }
    for (const entry of ['reference/index', 'reference/devtools/index']) {
      expect(readFileSync(join(dist, `${entry}.${ending}`), 'utf8')).toMatch(directive);
    }
    const server = readFileSync(join(dist, `server/index.${ending}`), 'utf8');
    expect(server).not.toMatch(/createContext|useState/);
  });

  test('gives server components a reference to everything there is', { timeout: 60_000 }, async () => {
    const names = `
      const of = (name) => Object.keys(require(name)).sort().join();
      const dist = require('node:path').dirname(require.resolve('@flags/react'));
      console.log(of('@flags/react') === of(dist + '/reference/index.cjs'));
      console.log(of('@flags/react/devtools') === of(dist + '/reference/devtools/index.cjs'));`;
    expect(await runExample(process.execPath, [], 'react-references.cjs', names)).toEqual(['true', 'true']);
  });

  test('has one provider for all of its entries, in CommonJS too', { timeout: 60_000 }, async () => {
    const program = `
      const { createElement: h } = require('react');
      const { renderToString } = require('react-dom/server');
      const { TestFlagProvider } = require('@flags/react/testing');
      const { useFlag } = require('@flags/react');
      const Theme = () => useFlag('theme', 'light');
      console.log(renderToString(h(TestFlagProvider, { flags: { theme: 'dark' } }, h(Theme))));`;
    expect(await runExample(process.execPath, [], 'react-testing.cjs', program)).toEqual(['dark']);
  });

  test('evaluates in server components, where React has no state and no context', { timeout: 60_000 }, async () => {
    const program = `
      import * as React from 'react';
      import { requestFlags } from '@flags/react/server';
      import { createMemoryClient } from '@flags/sync/testing';
      const flags = await requestFlags(createMemoryClient({ theme: 'dark' }), {});
      console.log('useState' in React, flags.value('theme', 'light'));`;
    const flags = ['--conditions=react-server'];
    expect(await runExample(process.execPath, flags, 'react-server.mjs', program)).toEqual(['false dark']);
  });
});

describe('The React package, among tools of others', () => {
  const app = join(folder, 'app');
  beforeAll(async () => {
    const needed = new Map(
      ['core', 'sync', 'react'].map((name) => [`@flags/${name}`, tarballs.get(`@flags/${name}`)!]),
    );
    await installTarballs(app, needed, {
      '@testing-library/dom': '^10',
      '@testing-library/react': '^16',
      jest: '^30',
      'jest-environment-jsdom': '^30',
      'react-server-dom-webpack': '^19',
    });
  }, 300_000);

  test.each(nodes)('tests components in Jest on Node $node', { timeout: 120_000 }, async ({ binary }) => {
    writeFileSync(join(app, 'theme.test.js'), JEST_TEST);
    const jest = join(app, 'node_modules/jest/bin/jest.js');
    const args = [jest, '--env=jsdom', '--rootDir', app, '--ci', '--watchman=false', '--json'];
    const { stdout } = await run(binary, args, { cwd: app });
    expect(JSON.parse(stdout)).toMatchObject({ success: true, numPassedTests: 2, numTotalTests: 2 });
  });

  test.each(nodes)('renders below server components on Node $node', { timeout: 60_000 }, async ({ binary }) => {
    writeFileSync(join(app, 'page.cjs'), SERVER_COMPONENT);
    const { stdout, stderr } = await run(binary, ['--conditions=react-server', 'page.cjs'], { cwd: app });
    expect(stderr).toBe('');
    expect(stdout).toContain('"className":"dark"');
    // What is for pages was not run, but named.
    const named = [...stdout.matchAll(/^\w+:I\[.*"(\w+)"(?:,\d)?\]$/gm)].map(([, reference]) => reference);
    expect(new Set(named)).toEqual(new Set(['Flag', 'FlagDevtools', 'FlagProvider']));
  });
});

describe('An example', () => {
  const readme = [
    '# x',
    '```sh',
    'npm i',
    '```',
    '```js',
    `import { a, b as c } from 'x';`,
    `import {`,
    `  d,`,
    `} from 'y';`,
    '',
    'console.log(await a(c, d)); // → 1 2',
    '```',
    '## More',
    '```js',
    'no();',
    '```',
    '',
  ].join('\n');

  test('is the first block of js, with the lines it prints', () => {
    const { module, prints } = readExample(readme);
    expect(module.startsWith('import { a')).toBe(true);
    expect(module).not.toContain('no()');
    expect(prints).toEqual(['1 2']);
  });

  test('becomes CommonJS by rewriting its imports', () => {
    expect(readExample(readme).commonJs).toBe(
      `'use strict';\nconst { a, b: c } = require('x');\nconst {\n  d,\n} = require('y');\n(async () => {\n\nconsole.log(await a(c, d)); // → 1 2\n})();\n`,
    );
  });

  test('must be there', () => {
    expect(() => readExample('# x\n\n```sh\nnpm i\n```\n')).toThrow('no fenced block');
  });
});
