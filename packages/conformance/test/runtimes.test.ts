import { join } from 'node:path';
import { xxh32 } from '@flags/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Program } from '../src/runtime.ts';
import { chromium } from '../src/runtimes/browsers.ts';
import { edgeRuntime } from '../src/runtimes/edge-runtime.ts';
import { node } from '../src/runtimes/node.ts';
import { processRuntime } from '../src/runtimes/process.ts';
import { workerd } from '../src/runtimes/workerd.ts';

const echo = join(import.meta.dirname, 'echo.ts');
const child = processRuntime('a process', () => [process.execPath]);

describe.each([node, child, workerd, edgeRuntime, chromium])('A program in $name', (runtime) => {
  let program: Program;
  beforeAll(async () => {
    program = await runtime.load(echo);
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
    const long = 'x'.repeat(1_000_000);
    expect(((await program.call(long)) as { input: string }).input === long).toBe(true);
  });
});

test('a runtime that is missing or does not start says so', async () => {
  await expect(processRuntime('gone', () => ['/no/such/program']).load(echo)).rejects.toThrow('gone did not start');
  const refused = processRuntime('odd', () => [process.execPath, '--no-such-option']);
  await expect(refused.load(echo)).rejects.toThrow(/odd ended with \d+.*--no-such-option/s);
});

test('a runtime that ends while it is called says so', async () => {
  const program = await child.load(echo);
  await expect(program.call('end')).rejects.toThrow('a process ended with 7');
  await program.close();
});

test.each([node, child, chromium])('a program without a function run is refused in $name', async (runtime) => {
  await expect(runtime.load(join(import.meta.dirname, 'no-program.ts'))).rejects.toThrow('exports no function run');
});
