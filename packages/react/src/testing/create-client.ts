import type { EvaluationContext } from '@flags/core';
import type { MemoryContextClient, MemoryValues } from '@flags/sync/testing';
import { createMemoryContextClient } from '@flags/sync/testing';
import { provideTextCodec } from './text-codec.ts';

/** The real client, served from memory, in whatever page a test runner makes. */
export function createClient(flags: MemoryValues, context: EvaluationContext | undefined): MemoryContextClient {
  provideTextCodec();
  return createMemoryContextClient(flags, context);
}
