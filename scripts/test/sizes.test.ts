import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { measure } from '../sizes/measure.ts';
import { sizeProblems, writeSizes } from '../sizes/readme.ts';
import { measureRows, measuredPackages } from '../sizes/table.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'flags-sizes-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('Sizes', () => {
  test.each(measuredPackages)('the README of %s quotes what is measured', async (name) => {
    const readme = readFileSync(join(root, 'packages', name, 'README.md'), 'utf8');
    expect(sizeProblems(readme, await measureRows(root, name)), 'Run node scripts/sizes.ts').toEqual([]);
  });

  test('explain adds at most 1.5 kB to core', async () => {
    const rows = await measureRows(root, 'core');
    const explain = rows.find(({ what }) => what === 'more with `explain`');
    expect(explain?.bytes).toBeLessThanOrEqual(1500);
    expect(explain?.bytes).toBeGreaterThan(0);
  });
});

describe('The measure', () => {
  mkdirSync(join(folder, 'src'));
  const long = Array.from({ length: 200 }, (_, index) => `'${(index * 2654435761).toString(36)}'`).join();
  writeFileSync(
    join(folder, 'src/index.ts'),
    `import { b } from './b.ts';\nexport const a = () => b();\nexport const unused = [${long}];\n`,
  );
  writeFileSync(join(folder, 'src/b.ts'), `export function b(): readonly string[] { return [${long}]; }\n`);
  const imports = { 'src/index.ts': ['a'] };

  test('counts what an import needs and nothing else', async () => {
    const one = await measure({ folder, imports });
    const both = await measure({ folder, imports: { 'src/index.ts': ['a', 'unused'] } });
    expect(one).toBeGreaterThan(500);
    expect(both).toBeGreaterThan(one);
  });

  test('finds the cost of a file by leaving it out', async () => {
    expect(await measure({ folder, imports, without: ['b.ts'] })).toBeLessThan(100);
  });
});

describe('The size table', () => {
  const rows = [
    { what: 'all', bytes: 4321 },
    { what: 'of it `a`', bytes: 300 },
  ];
  const empty = '# core\n\n<!-- sizes: written -->\n<!-- /sizes -->\n\nend\n';

  test('is written between its marks and then holds', () => {
    const written = writeSizes(empty, rows);
    expect(written).toContain('| all | 4.32 kB |');
    expect(written.endsWith('<!-- /sizes -->\n\nend\n')).toBe(true);
    expect(writeSizes(written, rows)).toBe(written);
    expect(sizeProblems(written, rows)).toEqual([]);
  });

  test('says which figure is wrong or missing', () => {
    const old = writeSizes(empty, [{ what: 'all', bytes: 4200 }]);
    expect(sizeProblems(old, rows)).toEqual([
      'all: quoted 4.20 kB, it is 4.32 kB',
      'of it `a`: not quoted, it is 0.30 kB',
    ]);
    expect(() => writeSizes('# core\n', rows)).toThrow('size block');
  });
});
