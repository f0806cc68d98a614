import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readExample } from '../publish/example.ts';
import { BESIDE_ALL, RESOLUTIONS, checkTypes, createProject, npm } from '../publish/consumer.ts';
import { publishedProblems } from '../publish/inspect.ts';
import { findNode20 } from '../publish/node-20.ts';
import { buildAll } from '../publish/pack.ts';
import { JEST_TEST, SERVER_COMPONENT, TOOLS_OF_REACT } from '../publish/react-programs.ts';
import { startRegistry } from '../publish/registry.ts';
import type { LocalRegistry } from '../publish/registry.ts';
import { createRelease } from '../publish/release.ts';
import type { Release } from '../publish/release.ts';
import { startRelay } from '../publish/relay.ts';
import type { StartedRelay } from '../publish/relay.ts';
import { listPublicPackages } from '../workspace/packages.ts';

const root = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'flags-publish-'));
const user = join(folder, 'user');
const app = join(folder, 'app');
const packages = listPublicPackages(root).map(({ folder: path, manifest }) => ({
  path,
  name: manifest.name ?? path,
  // Those that have code: `` and `/testing`, for example.
  entries: Object.entries(manifest.exports ?? {}).flatMap(([at, entry]) =>
    typeof entry === 'string' ? [] : [at.slice(1)],
  ),
}));
const nodes = [
  { node: '20', binary: findNode20(root) },
  { node: '24', binary: process.execPath },
];

let registry: LocalRegistry | undefined;
let release: Release | undefined;
let relay: StartedRelay | undefined;
let version = '';

beforeAll(async () => {
  const [local] = await Promise.all([startRegistry(root, join(folder, 'registry')), buildAll(root)]);
  registry = local;
  release = await createRelease(root, folder, local.url);
  // Without a changeset since the last release there is nothing new to publish.
  release.change('minor', 'What comes next.');
  version = await release.version();
  await release.buildVersioned();
  await release.publish();
  for (const project of [user, app]) createProject(project, local.npmrc);
  await Promise.all([
    npm(user, ['install', ...packages.map(({ name }) => name), ...BESIDE_ALL]),
    // Peers are not installed by themselves: what tools ask for may be large.
    npm(app, ['install', '--legacy-peer-deps', '@flags/react', '@flags/sync', ...TOOLS_OF_REACT]),
  ]);
  relay = await startRelay(user, findNode20(root));
}, 300_000);
afterAll(async () => {
  await relay?.stop();
  await registry?.stop();
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

describe('Published and installed', () => {
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

  test.each(packages)('$name has all that users need, and nothing else', ({ name }) => {
    const expected = { version, licence: readFileSync(join(root, 'LICENSE'), 'utf8'), workspace: folder };
    expect(publishedProblems(join(user, 'node_modules', name), expected)).toEqual([]);
  });

  test('the command of the relay says which version it is', async () => {
    const { stdout } = await run(join(user, 'node_modules/.bin/flags-relay'), ['--version']);
    expect(stdout.trim()).toBe(version);
  });
});

describe('Types', () => {
  const entries = packages.flatMap(({ name, entries: own }) => own.map((entry) => name + entry));

  test.each(RESOLUTIONS)(
    'are sound for users who check those of libraries, found as by %s',
    { timeout: 60_000 },
    (how) => expect(checkTypes(root, user, how, entries)).resolves.toBeUndefined(),
  );

  test('of what runs in pages list no library but ES2022 and the DOM', { timeout: 60_000 }, async () => {
    const ofPages = ['core', 'sync', 'sync/testing', 'browser', 'browser/remote'].map((entry) => `@flags/${entry}`);
    // Nothing of Node: there are no types below such a folder.
    const options = ['--lib', 'es2022,dom', '--typeRoots', 'none'];
    await expect(checkTypes(root, user, 'bundler', ofPages, options)).resolves.toBeUndefined();
  });

  test('that are not there are missed', { timeout: 60_000 }, async () => {
    await expect(checkTypes(root, user, 'node16', ['@flags/core/src'])).rejects.toThrow('TS2307');
  });
});

describe('A release', () => {
  test('that was published is not published again', { timeout: 60_000 }, async () => {
    expect(await release?.publish()).toContain('No unpublished projects to publish');
  });

  test('reaches those who update', { timeout: 120_000 }, async () => {
    const shop = join(folder, 'shop');
    createProject(shop, registry?.npmrc ?? '');
    await npm(shop, ['install', '@flags/node']);
    const installed = (name: string): unknown =>
      JSON.parse(readFileSync(join(shop, 'node_modules', name, 'package.json'), 'utf8')).version;
    expect(installed('@flags/node')).toBe(version);
    release?.change('patch', 'Mended.');
    await expect(release?.release()).rejects.toThrow('Changes are in no version yet (release-test.md)');
    const next = await release?.version();
    expect(next).toBe(version.replace(/\d+$/, (patch) => `${Number(patch) + 1}`));
    await release?.publish();
    await npm(shop, ['update']);
    expect(['node', 'sync', 'core'].map((name) => installed(`@flags/${name}`))).toEqual([next, next, next]);
    const changelog = readFileSync(join(shop, 'node_modules/@flags/node/CHANGELOG.md'), 'utf8');
    expect(changelog).toContain(`## ${next}\n\n### Patch Changes\n\n- Mended.\n\n## ${version}\n\n### Minor Changes\n`);
  });

  test('is made of what is committed', async () => {
    writeFileSync(join(release?.workspace ?? '', 'more.txt'), '');
    await expect(release?.release()).rejects.toThrow('Not everything is committed');
  });

  test('is tried on this machine only', { timeout: 60_000 }, async () => {
    const elsewhere = 'https://packages.example.com/';
    await expect(createRelease(root, join(folder, 'far'), elsewhere)).rejects.toThrow('not on this machine');
    const npmrc = join(release?.workspace ?? '', '.npmrc');
    writeFileSync(npmrc, `@flags:registry=${elsewhere}\n`);
    await expect(release?.publish()).rejects.toThrow(`Nothing was published: @flags:registry is ${elsewhere}`);
    rmSync(npmrc);
    const core = join(release?.workspace ?? '', 'packages/core');
    writeFileSync(join(core, '.npmrc'), `@flags:registry=${elsewhere}\n`);
    const own = 'Nothing was published: packages/core names a registry of its own';
    await expect(release?.publish()).rejects.toThrow(own);
    rmSync(join(core, '.npmrc'));
    const manifest = readFileSync(join(core, 'package.json'), 'utf8');
    writeFileSync(
      join(core, 'package.json'),
      manifest.replace('"publishConfig": {', `"publishConfig": { "registry": "${elsewhere}",`),
    );
    await expect(release?.publish()).rejects.toThrow(own);
    writeFileSync(join(core, 'package.json'), manifest);
  });
});

describe('The React package, published', () => {
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
