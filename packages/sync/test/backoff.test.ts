import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffDelay, drawFrom, goodbyeDelay, parseRetryAfter, retryAfterDelay } from '../src/machine/backoff.ts';
import { DEFAULT_POLICY } from '../src/index.ts';

const policy = DEFAULT_POLICY;
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test.each([
  [0, 1_000],
  [1, 2_000],
  [2, 4_000],
  [3, 8_000],
  [4, 10_000],
  [5, 10_000],
  [2_000, 10_000],
])('after %i failures the delay is drawn from 0 to %i ms', (failures, ceiling) => {
  expect(backoffDelay(failures, 0, policy)).toBe(0);
  expect(backoffDelay(failures, 0.5, policy)).toBe(ceiling / 2);
  fc.assert(fc.property(random, (chance) => backoffDelay(failures, chance, policy) < ceiling));
});

test('a Retry-After is waited out and then spread over half of itself, at least a second', () => {
  expect([0, 0.5].map((chance) => retryAfterDelay(0, chance, policy))).toEqual([0, 500]);
  expect([0, 0.5].map((chance) => retryAfterDelay(60_000, chance, policy))).toEqual([60_000, 75_000]);
  expect(retryAfterDelay(1e15, 0, policy)).toBe(policy.retryAfterCap);
});

test('a goodbye spreads over its window, which is never below the backoff', () => {
  expect(goodbyeDelay(20_000, 0, 0.5, policy)).toBe(10_000);
  expect(goodbyeDelay(0, 0, 0.5, policy)).toBe(500);
  expect(goodbyeDelay(0, 9, 0.5, policy)).toBe(5_000);
  expect(goodbyeDelay(1e15, 0, 0.999, policy)).toBeLessThan(policy.retryAfterCap);
});

test('Retry-After is read as seconds or as a date', () => {
  const now = Date.UTC(2026, 10, 21, 12, 0, 0);
  expect(parseRetryAfter(undefined, now)).toBeUndefined();
  expect(parseRetryAfter(' 7 ', now)).toBe(7_000);
  expect(parseRetryAfter('Sat, 21 Nov 2026 12:00:30 GMT', now)).toBe(30_000);
  expect(parseRetryAfter('Sat, 21 Nov 2026 11:00:00 GMT', now)).toBe(0);
  expect(parseRetryAfter('soon', now)).toBeUndefined();
  expect(parseRetryAfter('', now)).toBeUndefined();
});

test('a draw stays in its range', () => {
  fc.assert(
    fc.property(random, (chance) => {
      const drawn = drawFrom(policy.refusedRetry, chance);
      expect(drawn >= 150_000 && drawn <= 300_000).toBe(true);
    }),
  );
});
