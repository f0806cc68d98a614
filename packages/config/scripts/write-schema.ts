import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createFlagFileSchema } from './schema.ts';

// Run by `npm run schema` after a change of the file format.
writeFileSync(resolve(import.meta.dirname, '../schema.json'), `${JSON.stringify(createFlagFileSchema(), null, 2)}\n`);
