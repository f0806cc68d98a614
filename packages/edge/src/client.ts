import { systemClock } from './clock.ts';
import type { EdgeFlags } from './edge-flags.ts';
import { createEdge } from './edge-flags.ts';
import type { EdgeOptions } from './options.ts';

/**
 * Creates flags for an isolate: once, outside of the handler or at its first call. Nothing runs between requests; while serving,
 * what is older than `ttlMs` is fetched anew, and the request does not wait for it.
 *
 * @throws {FlagsError} `INVALID_OPTION`, naming the option and what to write instead.
 */
export function createEdgeFlags<Types = FlagTypes>(options: EdgeOptions): EdgeFlags<Types> {
  return createEdge<Types>(options, { clock: systemClock, random: Math.random });
}
