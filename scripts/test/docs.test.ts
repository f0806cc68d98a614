import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readMap } from '../workspace/map.ts';

const root = resolve(import.meta.dirname, '../..');
const tracked = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(root, file)));
const pages = tracked.filter((file) => /^[^.].*\.md$/.test(file) && !file.endsWith('CHANGELOG.md'));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

describe('The pages', () => {
  test.each(pages)('%s links to what is there', (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const targets = [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
  });

  test.each(pages)('%s names scripts that exist', (page) => {
    const text = readFileSync(join(root, page), 'utf8');
    const named = [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test.each(pages.filter((page) => page !== 'CONTRIBUTING.md'))(
    '%s names scripts that set a fresh clone up',
    (page) => {
      const text = readFileSync(join(root, page), 'utf8');
      const named = [...text.matchAll(/npm run ([a-z:]+)/g)].map(([, name = '']) => name);
      expect(named.filter((name) => !scripts[name]?.startsWith('exec node scripts/run.mjs '))).toEqual([]);
    },
  );

  test('the map of ARCHITECTURE.md shows what is there, and nothing else', () => {
    const { missing, gone } = readMap(readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8'), tracked);
    expect({ missing, gone }).toEqual({ missing: [], gone: [] });
  });
});

describe('The reader of the map', () => {
  const page = '# x\n\n## Map\n\n```\na/\n  b.ts c.ts  two files\n  d/  a folder\ne.ts  a file\n```\n';

  test('finds nothing wrong with a map that is right', () => {
    expect(readMap(page, ['a/b.ts', 'a/c.ts', 'a/d/x.ts', 'e.ts'])).toEqual({ missing: [], gone: [] });
  });

  test('finds what is gone and what is missing', () => {
    expect(readMap(page, ['a/b.ts', 'a/new.ts', 'a/d/x.ts', 'e.ts', 'f/y.ts'])).toEqual({
      missing: ['a/new.ts', 'f/'],
      gone: ['a/c.ts'],
    });
  });
});
