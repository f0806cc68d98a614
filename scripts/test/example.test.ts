import { describe, expect, test } from 'vitest';
import { readExample } from '../publish/example.ts';

describe('An example', () => {
  const readme = [
    '# x',
    '```sh',
    'npm i',
    '```',
    '```js',
    `import { a, b as c } from 'x';`,
    `import {`,
    `  d,`,
    `} from 'y';`,
    '',
    'console.log(await a(c, d)); // → 1 2',
    '```',
    '## More',
    '```js',
    'no();',
    '```',
    '',
  ].join('\n');

  test('is the first block of js, with the lines it prints', () => {
    const { module, prints } = readExample(readme);
    expect(module.startsWith('import { a')).toBe(true);
    expect(module).not.toContain('no()');
    expect(prints).toEqual(['1 2']);
  });

  test('becomes CommonJS by rewriting its imports', () => {
    expect(readExample(readme).commonJs).toBe(
      `'use strict';\nconst { a, b: c } = require('x');\nconst {\n  d,\n} = require('y');\n(async () => {\n\nconsole.log(await a(c, d)); // → 1 2\n})();\n`,
    );
  });

  test('must be there', () => {
    expect(() => readExample('# x\n\n```sh\nnpm i\n```\n')).toThrow('no fenced block');
  });
});
