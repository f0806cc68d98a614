import { act } from 'react';
import type { EvaluationContext } from '@flags/core';
import type { MemoryContextClient, MemoryValues } from '@flags/sync/testing';
import { createClient } from './create-client.ts';

/**
 * Flags for a test: the real client, served from memory. `set({ key: value })` changes them, `null` takes a flag away; when it
 * returns, components have rendered again.
 *
 * @param flags Values by key, or a whole ruleset (an object with `format`) for targeting, splits and segments.
 * @throws {FlagsError} `INVALID_ARGUMENT` when a ruleset is unusable.
 */
export function createTestFlags(flags: MemoryValues = {}, context?: EvaluationContext): MemoryContextClient {
  const client = createClient(flags, context);
  return { ...client, set: (values) => acted(() => client.set(values)) };
}

function acted(change: () => void): void {
  // It is not there in builds for production.
  if (typeof act !== 'function') return change();
  // React asks whoever acts to say so, and test runners without globals leave it unsaid.
  const environment = globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean | undefined };
  const before = environment.IS_REACT_ACT_ENVIRONMENT;
  environment.IS_REACT_ACT_ENVIRONMENT = true;
  try {
    act(change);
  } finally {
    environment.IS_REACT_ACT_ENVIRONMENT = before;
  }
}
