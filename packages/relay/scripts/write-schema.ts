import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createConfigSchema } from './config-schema.ts';

writeFileSync(resolve(import.meta.dirname, '../schema.json'), `${JSON.stringify(createConfigSchema(), null, 2)}\n`);
