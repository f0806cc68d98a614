import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { floorOf, floors } from '../workspace/floors.ts';
import { forbiddenWords } from '../workspace/forbidden-words.ts';
import { manifestProblems } from '../workspace/manifest-problems.ts';
import { listPackages, listPublicPackages } from '../workspace/packages.ts';
import type { Manifest } from '../workspace/packages.ts';

const root = resolve(import.meta.dirname, '../..');
const packages = listPackages(root);

describe('Node', () => {
  test('the tools run on the pinned Node 24, whatever the machine has', () => {
    expect(process.versions.node.split('.')[0]).toBe('24');
  });
});

describe('Packages', () => {
  test('every package that has code stands on a floor', () => {
    const lost = packages.map(({ folder }) => folder).filter((folder) => floorOf(folder) < 0);
    expect(lost.filter((folder) => !folder.startsWith('tools/'))).toEqual([]);
    expect(floors[0]).toEqual(['packages/core']);
  });

  test.each(packages)('the manifest of $folder promises what is kept', (entry) => {
    expect(manifestProblems(entry, (file) => existsSync(join(root, entry.folder, file)))).toEqual([]);
  });
});

describe('The manifest check', () => {
  const core = listPublicPackages(root).find(({ folder }) => folder === 'packages/core');
  const sound = core?.manifest ?? {};
  const check = (manifest: Manifest, files = true): readonly string[] =>
    manifestProblems({ folder: 'packages/core', manifest }, () => files);
  const main = sound.exports?.['.'];
  const entry = typeof main === 'object' ? main : {};

  test('finds nothing in a sound manifest', () => {
    expect(check(sound)).toEqual([]);
  });

  test.each<readonly [string, Manifest]>([
    ['engines', { engines: { node: '>=18' } }],
    ['sideEffects', { sideEffects: true }],
    ['license', { license: 'MIT' }],
    ['files', { files: ['dist'] }],
    ['description', { description: '' }],
    ['type', { type: 'commonjs' }],
    ['name', { name: 'core' }],
    ['main', { main: './dist/index.js' }],
    ['types', { types: './dist/index.d.ts' }],
    ['script build', { scripts: {} }],
    ['publishConfig.access', { publishConfig: {} }],
    ['publishConfig.exports', { publishConfig: { access: 'public', exports: sound.exports ?? {} } }],
    ['exports["."]', { exports: { './package.json': './package.json' } }],
    ['exports["."].require', { exports: { '.': { ...entry, require: { default: './dist/index.cjs' } } } }],
    [
      'exports["."].import',
      { exports: { '.': { ...entry, import: { default: './dist/index.js', types: './dist/index.d.ts' } } } },
    ],
    ['core has no dependency', { dependencies: { yaml: '^2.0.0' } }],
    ['packages/sync is above packages/core', { devDependencies: { '@flags/sync': 'workspace:^' } }],
    ['@flags/sync must be', { devDependencies: { '@flags/sync': '^1.0.0' } }],
  ])('finds a wrong %s', (what, change) => {
    expect(check({ ...sound, ...change }).some((problem) => problem.startsWith(what))).toBe(true);
  });

  test('finds a missing README and a missing source', () => {
    expect(check(sound, false)).toContain('README.md is missing');
    expect(check(sound, false)).toContain('exports["."]: "@flags/source" must name a file in src');
  });
});

describe('Committed files', () => {
  const git = (...args: string[]): string[] =>
    execFileSync('git', ['-c', 'core.quotePath=false', ...args], { cwd: root, encoding: 'utf8' })
      .split('\0')
      .filter(Boolean);
  const files = git('ls-files', '-z').filter((file) => existsSync(join(root, file)));

  test('name no machine, no registry host and no unfinished place', () => {
    const found = files.flatMap((file) =>
      forbiddenWords(readFileSync(join(root, file), 'utf8')).map((at) => `${file}:${at}`),
    );
    expect(files.length).toBeGreaterThan(30);
    expect(found).toEqual([]);
  });

  // In two halves, so that this file may be committed.
  test.each([
    ['cd /wo', 'rk/main'],
    ['/ho', 'me/someone/flags'],
    ['"/Us', 'ers/someone/flags"'],
    ['log in /tm', 'p/jobs/1'],
    ['resolution: {tarball: https://regi', 'stry.example.com/x.tgz}'],
    ['// TO', 'DO: later'],
  ])('would be found: %s%s', (start, end) => {
    expect(forbiddenWords(`first line\n${start}${end}\n`)).toHaveLength(1);
  });

  test.each(['packages/homework/x', 'GET /workspace', 'https://example.com/home/page', './work/x', 'the registry'])(
    'may say: %s',
    (line) => {
      expect(forbiddenWords(line)).toEqual([]);
    },
  );
});
