'use client';

import { createClient, type EvaluationContext } from '@flags/browser';
import { FlagProvider, type ValuesBootstrap } from '@flags/react';
import type { ReactNode } from 'react';
import type { RelayForPages } from './visitor.ts';

interface Given {
  readonly relay: RelayForPages;
  readonly context: EvaluationContext;
  /** What the server rendered with. Next carries it into the page. */
  readonly bootstrap: ValuesBootstrap | undefined;
  readonly children: ReactNode;
}

/** Flags for client components: those that the server rendered with, and every change from then on. */
export function LiveFlags({ relay, context, bootstrap, children }: Given) {
  return (
    <FlagProvider bootstrap={bootstrap} create={() => createClient({ ...relay, context, bootstrap })}>
      {children}
    </FlagProvider>
  );
}
