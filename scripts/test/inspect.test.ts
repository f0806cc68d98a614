import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { publishedProblems } from '../publish/inspect.ts';

const expected = { version: '1.2.3', licence: 'Be kind.', workspace: '/built/here' };
const manifest = {
  name: '@flags/x',
  version: '1.2.3',
  license: 'Apache-2.0',
  publishConfig: { access: 'public' },
  main: './dist/index.cjs',
  bin: { x: './dist/main.js' },
  exports: { '.': { import: { default: './dist/index.js' } }, './schema.json': './schema.json' },
  scripts: { build: 'x --conditions=@flags/source' },
  dependencies: { '@flags/core': '^1.2.3', other: '^1.0.0' },
};
const good = {
  'package.json': JSON.stringify(manifest),
  LICENSE: 'Be kind.',
  'README.md': '# x',
  'CHANGELOG.md': '# x\n\n## 1.2.3\n',
  'schema.json': '{}',
  'dist/index.js': 'export {};\n//# sourceMappingURL=index.js.map\n',
  'dist/index.js.map': JSON.stringify({ sources: ['../src/index.ts', '../../y.ts'], sourcesContent: ['x', 'y'] }),
  'dist/index.cjs': '',
  'dist/main.js': '',
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flags-inspect-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function problemsOf(files: Readonly<Record<string, string | undefined>>): readonly string[] {
  for (const [file, text] of Object.entries({ ...good, ...files })) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return publishedProblems(folder, expected);
}
const manifestWith = (more: object): { 'package.json': string } => ({
  'package.json': JSON.stringify({ ...manifest, ...more }),
});

test('a package that is as it should be has no problems', () => {
  expect(problemsOf({})).toEqual([]);
});

test.each<[string, Record<string, string | undefined>]>([
  ['version is 1.2.2', manifestWith({ version: '1.2.2' })],
  ['license is MIT', manifestWith({ license: 'MIT' })],
  ['publishConfig.access is not public', manifestWith({ publishConfig: {} })],
  ['its exports name @flags/source', manifestWith({ imports: { '#x': { '@flags/source': './src/x.ts' } } })],
  ['it runs a script where it is installed', manifestWith({ scripts: { postinstall: 'x' } })],
  ['it depends on a workspace', manifestWith({ devDependencies: { '@flags/core': 'workspace:^' } })],
  ['it depends on @flags/core ^1.2.2', manifestWith({ dependencies: { '@flags/core': '^1.2.2' } })],
  ['LICENSE is not that of the workspace', { LICENSE: 'Be.' }],
  ['CHANGELOG.md says nothing of this version', { 'CHANGELOG.md': '# x\n\n## 1.2.30\n' }],
  ['schema.json is missing', { 'schema.json': undefined }],
  ['dist/main.js is missing', { 'dist/main.js': undefined }],
  ['README.md is missing', { 'README.md': undefined }],
  ['dist/x.test.js is nothing for users', { 'dist/x.test.js': '' }],
  ['src/index.ts is nothing for users', { 'src/index.ts': '' }],
  ['test/x.ts is nothing for users', { 'test/x.ts': '' }],
  ['dist/index.cjs says where it was built', { 'dist/index.cjs': '"/built/here/packages"' }],
  ['dist/index.js has a source map that is not there', { 'dist/index.js.map': undefined }],
  [
    'dist/index.js.map leads to ../../y.ts, which is not there',
    { 'dist/index.js.map': JSON.stringify({ sources: ['../dist/index.js', '../../y.ts'] }) },
  ],
])('%s', (problem, files) => {
  expect(problemsOf(files)).toEqual([problem]);
});
