import { join } from 'node:path';
import { xxh32 } from '@flags/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Program } from '../src/runtime.ts';
import { chromium } from '../src/runtimes/browsers.ts';
import { node } from '../src/runtimes/node.ts';
import { workerd } from '../src/runtimes/workerd.ts';

describe.each([node, workerd, chromium])('A program in $name', (runtime) => {
  let program: Program;
  beforeAll(async () => {
    program = await runtime.load(join(import.meta.dirname, 'echo.ts'));
  }, 60_000);
  afterAll(() => program?.close());

  test('gets JSON and gives JSON, keeps its memory between calls, and says what it threw', async () => {
    const odd = 'ü\ud800\u2028\0';
    expect(await program.call(odd)).toEqual({ input: odd, calls: 1, hash: xxh32(odd) });
    const nested = { a: [1, null, { __proto__x: 'y' }], 'b c': -1.5e300 };
    expect(await program.call(nested)).toMatchObject({ input: nested, calls: 2 });
    await expect(program.call('throw')).rejects.toThrow('as it was told');
    const many = await Promise.all(Array.from({ length: 20 }, (_, at) => program.call(at)));
    expect(many.map((answer) => (answer as { input: number }).input)).toEqual(
      Array.from({ length: 20 }, (_, at) => at),
    );
    const long = 'x'.repeat(5_000_000);
    expect(((await program.call(long)) as { input: string }).input === long).toBe(true);
  });
});
