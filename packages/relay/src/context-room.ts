import type { EvaluationContext } from '@flags/core';

/** What bounds the memory of contexts. */
export interface ContextLimits {
  /** Streams open at once. */
  readonly maxStreams: number;
  /** What the contexts of all streams may take. */
  readonly maxContextBytes: number;
}

/** Decides whether there is memory for the context of one more stream, which keeps it for as long as it is open. */
export interface ContextRoom {
  /** How to give back what this context takes; `undefined` when there is no room for it. */
  take(context: EvaluationContext): (() => void) | undefined;
}

/** 4.4 kB for each of 15 000 streams, and as much again for those that need more. */
export const DEFAULT_CONTEXT_BYTES: number = 128 * 1_048_576;

/**
 * What V8 needs for a value, and for a name that no other context has: the most that was measured, for empty objects and
 * arrays, of which 64 KiB of JSON hold the most. Ordinary contexts take a quarter of it.
 */
const VALUE_BYTES = 64;

/**
 * Creates room for contexts. Half of it is for all streams alike, so that nobody with an ordinary context is turned away
 * because others send large ones; what goes beyond a stream's share of that comes from the other half, first come, first served.
 */
export function createContextRoom({ maxStreams, maxContextBytes }: ContextLimits): ContextRoom {
  const half = maxContextBytes / 2;
  const share = half / maxStreams;
  let taken = 0;
  return {
    take: (context) => {
      const more = Math.max(bytesOf(context) - share, 0);
      if (more > 0 && taken + more > half) return undefined;
      taken += more;
      return () => void (taken -= more);
    },
  };
}

/** About what a context takes, in bytes; never much less. */
function bytesOf(context: EvaluationContext): number {
  let bytes = 0;
  // Not on the stack: only the number of values is bounded here.
  const open: unknown[] = [context];
  while (open.length > 0) {
    const value = open.pop();
    bytes += VALUE_BYTES;
    if (typeof value === 'string') bytes += 2 * value.length;
    if (typeof value !== 'object' || value === null) continue;
    if (!Array.isArray(value)) for (const name of Object.keys(value)) bytes += VALUE_BYTES + 2 * name.length;
    for (const member of Object.values(value)) open.push(member);
  }
  return bytes;
}
