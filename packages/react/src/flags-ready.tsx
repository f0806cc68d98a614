import { Suspense, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import type { ContextClient } from '@flags/sync';
import { useSource } from './flag-context.ts';
import { useReading } from './use-reading.ts';

// `true` once it is over. By client, since React forgets what a component knew that was suspended before it was shown.
const waits = /* @__PURE__ */ new WeakMap<ContextClient, Promise<void> | true>();

/** How long to wait for the first answers. */
export interface FlagsReadyOptions {
  /** Milliseconds; 5 000 by default. Who waits first decides. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Suspends until the client has its first answers, or there is a reason why it has none, or the time is up; then reads give the
 * defaults. Never suspends what a server has rendered: the bootstrap's values are the answers there.
 */
export function useFlagsReady({ timeoutMs }: FlagsReadyOptions = {}): void {
  const source = useSource();
  const isPrepared = usePrepared();
  const waiting = useReading([null], (client) => {
    const given = client === source.initial ? client : source.given();
    return given === source.initial || given.status().source !== undefined || waitFor(given, timeoutMs);
  });
  // What a Suspense boundary takes, in React 18 too.
  if (waiting !== true && !isPrepared) throw waiting;
}

/** What to show meanwhile. */
export interface FlagsReadyProps extends FlagsReadyOptions {
  readonly fallback?: ReactNode;
  readonly children?: ReactNode;
}

/** Shows its children once the first answers are there, as `useFlagsReady` has it, and the fallback until then. */
export function FlagsReady({ fallback, timeoutMs, children }: FlagsReadyProps): ReactNode {
  // Without a boundary: React 18 would render it anew when a flag changes before it is hydrated.
  if (usePrepared()) return children;
  return (
    <Suspense fallback={fallback}>
      <Wait timeoutMs={timeoutMs}>{children}</Wait>
    </Suspense>
  );
}

/** Whether a server has rendered this component, or does so now. */
function usePrepared(): boolean {
  const isPrepared = useSyncExternalStore(
    neverChanges,
    () => false,
    () => true,
  );
  // Kept from the first render.
  return useState(isPrepared)[0];
}

const neverChanges = (): (() => void) => () => {};

function Wait({ timeoutMs, children }: FlagsReadyProps): ReactNode {
  useFlagsReady({ timeoutMs });
  return children;
}

function waitFor(client: ContextClient, timeoutMs: number | undefined): Promise<void> | true {
  const known = waits.get(client);
  if (known) return known;
  const wait = async (): Promise<void> => {
    await client.ready(timeoutMs === undefined ? {} : { timeoutMs });
    waits.set(client, true);
  };
  const promise = wait();
  waits.set(client, promise);
  return promise;
}
