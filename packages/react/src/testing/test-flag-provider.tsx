import { useEffect, useRef, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { FlagProvider } from '@flags/react';
import type { EvaluationContext } from '@flags/core';
import type { MemoryValues } from '@flags/sync/testing';
import { createClient } from './create-client.ts';
import type { TestClient, TestFlags } from './test-flags.ts';

/** The flags of a test. */
export interface TestFlagProviderProps {
  /** Values by key; rendered again with others, the flags change. A whole ruleset is taken once. */
  readonly flags?: TestFlags | undefined;
  readonly context?: EvaluationContext | undefined;
  /** Instead of them, flags that the test keeps hold of: `createTestFlags({ … })`. */
  readonly client?: TestClient | undefined;
  readonly children?: ReactNode;
}

/** A provider for tests: no network, and every answer at once. */
export function TestFlagProvider({
  flags: given = {},
  context,
  client,
  children,
}: TestFlagProviderProps): ReactElement {
  // The types of keys and values are for callers.
  const flags = given as unknown as MemoryValues;
  const [own] = useState(() => client ?? createClient(flags, context));
  const last = useRef(flags);
  const used = client ?? own;
  useEffect(() => {
    const before = last.current;
    last.current = flags;
    if (client || 'format' in flags || JSON.stringify(before) === JSON.stringify(flags)) return;
    const gone = Object.keys(before).filter((key) => !Object.hasOwn(flags, key));
    own.set({ ...Object.fromEntries(gone.map((key) => [key, null])), ...flags });
  }, [client, flags, own]);
  // Rendered to text, too, it shows the flags of the test.
  const [bootstrap] = useState(() => ({ flags: used.all() as never }));
  return (
    <FlagProvider client={used} bootstrap={bootstrap}>
      {children}
    </FlagProvider>
  );
}
