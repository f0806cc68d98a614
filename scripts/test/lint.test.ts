import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, test } from 'vitest';

// A rule that never fires guards nothing: each of these is planted in a copy of the lint configuration and must be found.
const root = resolve(import.meta.dirname, '../..');
const copy = mkdtempSync(join(tmpdir(), 'flags-lint-'));
afterAll(() => rmSync(copy, { recursive: true }));

const planted: readonly (readonly [sentence: string, file: string, source: string, code: string])[] = [
  ['core imports sync', 'packages/core/src/up.ts', `import '@flags/sync';`, 'flags(floors)'],
  [
    'core imports a type of sync',
    'packages/core/src/up-type.ts',
    `import type { A } from '@flags/sync'; void (0 as unknown as A);`,
    'flags(floors)',
  ],
  [
    'core names a type of sync inline',
    'packages/core/src/up-inline.ts',
    `void (0 as unknown as import('@flags/sync').A);`,
    'flags(floors)',
  ],
  ['core loads sync later', 'packages/core/src/up-later.ts', `void import('@flags/sync');`, 'flags(floors)'],
  [
    'sync re-exports its neighbour config',
    'packages/sync/src/index.ts',
    `export { a } from '@flags/config';`,
    'flags(floors)',
  ],
  ['a test of core reaches up', 'packages/core/test/up.test.ts', `import '@flags/node';`, 'flags(floors)'],
  [
    'core reaches into a folder outside',
    'packages/core/src/out.ts',
    `import '../../sync/src/index.ts';`,
    'flags(floors)',
  ],
  ['a package imports a script', 'packages/node/src/out.ts', `import '../../../scripts/x.ts';`, 'flags(floors)'],
  ['an example imports another', 'examples/a/main.ts', `import '../b/main.ts';`, 'flags(floors)'],
  ['a package stands on no floor', 'packages/unknown/src/index.ts', `import '@flags/core';`, 'flags(floors)'],
  [
    'two files import each other',
    'packages/core/src/one.ts',
    `import { two } from './two.ts';\n/** 1 */\nexport const one: unknown = () => two;`,
    'import(no-cycle)',
  ],
  [
    'two files import each other',
    'packages/core/src/two.ts',
    `import { one } from './one.ts';\n/** 2 */\nexport const two: unknown = () => one;`,
    'import(no-cycle)',
  ],
  [
    'two files import types of each other',
    'packages/node/src/type-one.ts',
    `import type { B } from './type-two.ts';\n/** A */\nexport type A = B | 1;`,
    'import(no-cycle)',
  ],
  [
    'two files import types of each other',
    'packages/node/src/type-two.ts',
    `import type { A } from './type-one.ts';\n/** B */\nexport type B = A | 2;`,
    'import(no-cycle)',
  ],
  [
    'a circle goes through another package',
    'packages/node/src/circle.ts',
    `import { back } from '../../sync/src/circle.ts';\n/** c */\nexport const circle: unknown = back;`,
    'import(no-cycle)',
  ],
  [
    'a circle goes through another package',
    'packages/sync/src/circle.ts',
    `import { circle } from '../../node/src/circle.ts';\n/** b */\nexport const back: unknown = circle;`,
    'import(no-cycle)',
  ],
  ['a file has 301 lines', 'packages/node/src/long.ts', 'void 0;\n'.repeat(301), 'eslint(max-lines)'],
  ['core reads the clock', 'packages/core/src/now.ts', 'void Date.now();', 'eslint(no-restricted-properties)'],
  [
    'core takes the clock apart',
    'packages/core/src/now-apart.ts',
    'const { now } = Date; void now;',
    'eslint(no-restricted-properties)',
  ],
  ['core makes the date of today', 'packages/core/src/today.ts', 'void new Date();', 'flags(no-clock-date)'],
  ['core writes the date of today', 'packages/core/src/today-text.ts', 'void Date();', 'flags(no-clock-date)'],
  ['sync reads the clock', 'packages/sync/src/now.ts', 'void Date.now();', 'eslint(no-restricted-properties)'],
  ['sync makes the date of today', 'packages/sync/src/today.ts', 'void new Date();', 'flags(no-clock-date)'],
  ['core rolls dice', 'packages/core/src/dice.ts', 'void Math.random();', 'eslint(no-restricted-properties)'],
  ['sync rolls dice', 'packages/sync/src/dice.ts', 'void Math.random();', 'eslint(no-restricted-properties)'],
  ['core imports a module of Node', 'packages/core/src/files.ts', `import 'node:fs';`, 'eslint(no-restricted-imports)'],
  ['core evaluates text', 'packages/core/src/eval.ts', `eval('1');`, 'eslint(no-eval)'],
  [
    'core makes a function of text',
    'packages/core/src/function.ts',
    `void new Function('1');`,
    'eslint(no-restricted-globals)',
  ],
  [
    'core makes a pattern of data',
    'packages/core/src/pattern.ts',
    `void new RegExp(String(1));`,
    'eslint(no-restricted-globals)',
  ],
  ...[
    'performance',
    'setTimeout',
    'setInterval',
    'queueMicrotask',
    'fetch',
    'process',
    'globalThis',
    'crypto',
    'Intl',
  ].flatMap((name) =>
    ['core', 'sync'].map(
      (folder) =>
        [
          `${folder} uses ${name}`,
          `packages/${folder}/src/${name.toLowerCase()}.ts`,
          `void ${name};`,
          'eslint(no-restricted-globals)',
        ] as const,
    ),
  ),
  [
    'an exported function has no doc comment',
    'packages/node/src/silent.ts',
    `export function silent(): void {}`,
    'flags(doc-comment)',
  ],
  [
    'an exported type has an inline comment only',
    'packages/node/src/inline.ts',
    `// not a doc comment\nexport type Inline = 1;`,
    'flags(doc-comment)',
  ],
  [
    'an export far from its declaration',
    'packages/node/src/apart.ts',
    `const apart = 1;\nexport { apart };`,
    'flags(doc-comment)',
  ],
  ['a star makes the inside public', 'packages/node/src/index.ts', `export * from './x.ts';`, 'flags(public-list)'],
  [
    'a file beside index re-exports',
    'packages/node/src/second.ts',
    `export { x } from './x.ts';`,
    'flags(public-list)',
  ],
  ['a class that is no error', 'packages/node/src/manager.ts', `void class Manager {};`, 'flags(error-classes)'],
  ['a drawer for everything', 'packages/node/src/utils.ts', `void 0;`, 'flags(telling-name)'],
  ['a default export', 'packages/node/src/default.ts', `export default 1;`, 'import(no-default-export)'],
  ['a file in capitals', 'packages/node/src/MyClient.ts', `void 0;`, 'unicorn(filename-case)'],
  ['a package writes to the console', 'packages/node/src/loud.ts', `console.log(1);`, 'eslint(no-console)'],
  ['any', 'packages/node/src/any.ts', `/** a */\nexport const a: any = 1;`, 'typescript(no-explicit-any)'],
  [
    'a skipped test',
    'packages/node/test/skipped.test.ts',
    `import { test } from 'vitest';\ntest.skip('x', () => {});`,
    'vitest(no-disabled-tests)',
  ],
  [
    'the only test',
    'packages/node/test/only.test.ts',
    `import { test } from 'vitest';\ntest.only('x', () => {});`,
    'vitest(no-focused-tests)',
  ],
];

const allowed: readonly (readonly [sentence: string, file: string, source: string])[] = [
  [
    'relay imports everything below it',
    'packages/relay/src/down.ts',
    `import { a } from '@flags/core';\nimport { b } from '@flags/node';\nimport type { C } from '@flags/config';\nvoid [a, b satisfies C];`,
  ],
  [
    'core reads a date it was given',
    'packages/core/src/given.ts',
    `/** a */\nexport const a: (text: string) => number = (text) => new Date(text).getTime() + Date.parse(text);`,
  ],
  ['core has a literal pattern', 'packages/core/src/literal.ts', `/** a */\nexport const a: RegExp = /^a+$/;`],
  [
    'a local variable named like a global',
    'packages/core/src/local.ts',
    `/** a */\nexport const a: (self: number) => number = (self) => self;`,
  ],
  ['node reads the clock', 'packages/node/src/clock.ts', `/** a */\nexport const a: () => number = () => Date.now();`],
  [
    'one doc comment for all overloads',
    'packages/node/src/over.ts',
    `/** a */\nexport function a(x: 1): 1;\nexport function a(x: 2): 2;\nexport function a(x: 1 | 2): 1 | 2 {\n  return x;\n}`,
  ],
  ['an error class', 'packages/node/src/wrong.ts', `/** a */\nexport class WrongError extends Error {}`],
  ['a config exports a default', 'some.config.ts', `export default {};`],
  ['a file has 300 lines', 'packages/node/src/full.ts', 'void 0;\n'.repeat(300)],
];

function lint(): ReadonlyMap<string, readonly string[]> {
  for (const path of ['.oxlintrc.json', 'scripts/lint', 'scripts/workspace']) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  for (const [, file, source] of [...planted, ...allowed]) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    writeFileSync(join(copy, file), `${source.trimEnd()}\n`);
  }
  const run = spawnSync(join(root, 'node_modules/.bin/oxlint'), ['--format', 'json'], { cwd: copy, encoding: 'utf8' });
  const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: { code: string; filename: string }[] };
  const found = new Map<string, string[]>();
  for (const { code, filename } of diagnostics) found.set(filename, [...(found.get(filename) ?? []), code]);
  return found;
}

describe('Lint', () => {
  const found = lint();
  test.each(planted)('finds: %s (%s)', (_, file, __, code) => {
    expect(found.get(file)).toContain(code);
  });
  test.each(allowed)('allows: %s (%s)', (_, file) => {
    expect(found.get(file) ?? []).toEqual([]);
  });
});
