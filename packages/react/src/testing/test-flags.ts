import { act } from 'react';
import type { EvaluationContext, Ruleset } from '@flags/core';
import type { MemoryContextClient, MemoryValues } from '@flags/sync/testing';
import { createClient } from './create-client.ts';

/**
 * Values by key; `null` takes a flag away. Where flags are declared, no other keys and no values of other types: a test that
 * misspells one would test the default.
 */
export type TestValues = [keyof FlagTypes] extends [never]
  ? MemoryValues
  : { readonly [Key in keyof FlagTypes]?: FlagTypes[Key] | null };

/** The flags of a test: values by key, or a whole ruleset. */
export type TestFlags = TestValues | Ruleset;

/** The client of a page, served from memory; `set` changes its flags. */
export interface TestClient extends Omit<MemoryContextClient, 'set'> {
  /** Changes flags, as the relay would; when it returns, components have rendered again. */
  set(values: TestValues): void;
}

/**
 * Flags for a test: the real client, served from memory. `set({ key: value })` changes them, `null` takes a flag away; when it
 * returns, components have rendered again.
 *
 * @param flags Values by key, or a whole ruleset (an object with `format`) for targeting, splits and segments.
 * @throws {FlagsError} `INVALID_ARGUMENT` when a ruleset is unusable.
 */
export function createTestFlags(flags: TestFlags = {}, context?: EvaluationContext): TestClient {
  const client = createClient(flags as unknown as MemoryValues, context);
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
