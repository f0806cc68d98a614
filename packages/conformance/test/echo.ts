import { xxh32 } from '@flags/core';

const seen: unknown[] = [];

/** A program that shows what a driver promises. */
export async function run(input: unknown): Promise<unknown> {
  await Promise.resolve();
  if (input === 'throw') throw new TypeError('as it was told');
  if (input === 'end') process.exit(7);
  seen.push(input);
  return { input, calls: seen.length, hash: xxh32(String(input)) };
}
