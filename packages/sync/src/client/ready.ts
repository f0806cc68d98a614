import type { Held } from '../protocol/held.ts';
import type { MachineState, ProblemCode, Source } from '../machine/state.ts';
import { statusOf } from '../machine/status.ts';
import type { Clock } from './ports.ts';

/** How long to wait for the first rules. */
export interface ReadyOptions {
  /** Milliseconds; 5 000 when absent. */
  readonly timeoutMs?: number;
}

/** How the start went: with rules, and where they came from; or without, and why. Reads then give the caller's defaults. */
export type Ready =
  | { readonly source: Source }
  | {
      readonly source: undefined;
      readonly reason: ProblemCode | 'timeout' | 'offline' | 'closed';
      readonly message: string;
    };

/** Lets callers wait for the first rules. */
export interface Readiness {
  readonly wait: (options?: ReadyOptions) => Promise<Ready>;
  /** To be called whenever the state may have become ready. */
  check(): void;
}

/** Watches a machine's state for its first rules, or for a problem that more waiting will not solve. */
export function createReadiness(state: () => MachineState<Held>, clock: Clock): Readiness {
  const waiters = new Set<(ready: Ready) => void>();
  return {
    wait: ({ timeoutMs = 5_000 } = {}) => {
      const known = readyOf(state());
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve) => {
        const settle = (ready: Ready): void => {
          waiters.delete(settle);
          cancel();
          resolve(ready);
        };
        // Someone waits: this timer alone keeps the process alive.
        const cancel = clock.after(timeoutMs, () => settle(timedOut(state(), timeoutMs)), true);
        waiters.add(settle);
      });
    },
    check: () => {
      if (waiters.size === 0) return;
      const ready = readyOf(state());
      if (ready !== undefined) for (const settle of waiters) settle(ready);
    },
  };
}

function readyOf(state: MachineState<Held>): Ready | undefined {
  if (state.source !== undefined) return { source: state.source };
  const { state: phase, reason, message } = statusOf(state);
  if (phase === 'failed' && reason !== undefined) return { source: undefined, reason, message: message ?? '' };
  if (phase === 'closed') return { source: undefined, reason: 'closed', message: 'The client was closed.' };
  if (phase !== 'idle') return undefined;
  return { source: undefined, reason: 'offline', message: 'The client is offline and was given no bootstrap.' };
}

function timedOut(state: MachineState<Held>, timeoutMs: number): Ready {
  const message = state.problem?.message ?? `No rules came in ${timeoutMs} ms.`;
  return { source: undefined, reason: state.problem?.code ?? 'timeout', message };
}
