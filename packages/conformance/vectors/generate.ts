import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createVectors } from './all.ts';

// ASCII alone, so that no editor and no reader touches an odd character.
const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

for (const [name, vectors] of Object.entries(createVectors())) {
  const text = JSON.stringify(vectors, undefined, 2).replace(/[^\n -~]/g, escape);
  writeFileSync(resolve(import.meta.dirname, `${name}.json`), `${text}\n`);
}
