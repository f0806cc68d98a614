import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { setUpHub, versions } from './line.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('sends a commit at once, or together with others 10 ms after the one before', async () => {
  const { change, join } = setUpHub();
  const one = join();
  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
  change(2);
  await pass(1);
  expect(versions(one)).toEqual([1, 2]);
  change(3);
  await pass(5);
  change(4);
  expect(versions(one)).toEqual([1, 2]);
  await pass(5);
  expect(versions(one)).toEqual([1, 2, 4]);
});
