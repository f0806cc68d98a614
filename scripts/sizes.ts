// Measures what each import costs and writes the tables of the READMEs: node --conditions=@flags/source scripts/sizes.ts [--print]
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { writeSizes } from './sizes/readme.ts';
import { measureRows, measuredPackages } from './sizes/table.ts';

const root = resolve(import.meta.dirname, '..');
for (const name of measuredPackages) {
  const rows = await measureRows(root, name);
  process.stdout.write(`${name}\n${rows.map(({ what, bytes }) => `${String(bytes).padStart(7)}  ${what}\n`).join('')}`);
  if (process.argv.includes('--print')) continue;
  const file = join(root, 'packages', name, 'README.md');
  writeFileSync(file, writeSizes(readFileSync(file, 'utf8'), rows));
}
