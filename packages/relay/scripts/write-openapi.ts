import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readOpenApi } from './openapi.ts';

await writeFile(
  resolve(import.meta.dirname, '../docs/openapi.json'),
  `${JSON.stringify(await readOpenApi(), null, 2)}\n`,
);
