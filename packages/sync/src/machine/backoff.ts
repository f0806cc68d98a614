import type { Policy, Range } from './policy.ts';

// Full jitter: the whole delay is drawn, after the cap. Jitter before the cap, or a constant Retry-After, would bring a
// fleet back in step.

/** A draw from a range; `random` is in `[0, 1)`. */
export function drawFrom(range: Range, random: number): number {
  return range[0] + random * (range[1] - range[0]);
}

/** Delay before the attempt that follows `failures` failures in a row: `U(0, min(cap, base · 2^failures))`. */
export function backoffDelay(failures: number, random: number, policy: Policy): number {
  return random * backoffCeiling(failures, policy);
}

/** Delay after a server said `Retry-After: s`: `s + U(0, max(1 s, s/2))`. */
export function retryAfterDelay(retryAfter: number, random: number, policy: Policy): number {
  const base = Math.min(retryAfter, policy.retryAfterCap);
  return base + random * Math.max(1_000, base / 2);
}

/**
 * Delay after a goodbye: `U(0, window)`. The window is never below the backoff's ceiling, so that a server that says
 * goodbye to every new stream is not called in a tight loop.
 */
export function goodbyeDelay(window: number, failures: number, random: number, policy: Policy): number {
  return random * Math.max(Math.min(window, policy.retryAfterCap), backoffCeiling(failures, policy));
}

/**
 * Milliseconds in a `Retry-After` header: seconds or an HTTP date.
 *
 * @param now The wall clock, epoch milliseconds.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function backoffCeiling(failures: number, policy: Policy): number {
  return Math.min(policy.backoffCap, policy.backoffBase * 2 ** failures);
}
