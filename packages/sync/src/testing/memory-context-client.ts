import type { EvaluationContext } from '@flags/core';
import type { ContextClient } from '@flags/sync';
import { createContextClient } from '@flags/sync';
import { createMemoryClient } from './memory-client.ts';
import type { MemoryClient, MemoryValues } from './memory-client.ts';

/** A client that holds the context, for tests: the real one, served from memory. */
export interface MemoryContextClient<Types = FlagTypes>
  extends ContextClient<Types>, Pick<MemoryClient, 'set' | 'disconnect' | 'reconnect' | 'clock'> {}

/**
 * Creates a client for tests of code in a page. Nothing is sent anywhere, and everything happens at once.
 *
 * @param flags Values by key, or a whole ruleset (an object with `format`) for targeting, splits and segments.
 * @throws {FlagsError} `INVALID_ARGUMENT` when a ruleset is unusable.
 */
export function createMemoryContextClient<Types = FlagTypes>(
  flags: MemoryValues = {},
  context?: EvaluationContext,
): MemoryContextClient<Types> {
  const client = createMemoryClient(flags);
  const { set, disconnect, reconnect, clock } = client;
  return { ...createContextClient<Types>(client, { context }), set, disconnect, reconnect, clock };
}
