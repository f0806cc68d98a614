import type { Held } from '../protocol/held.ts';
import { formatPosition } from '../protocol/position.ts';
import type { MachineState, ProblemCode, Source } from './state.ts';

/**
 * `idle`: not started, or offline; `connecting`: on the way to a first stream; `live`: changes are pushed; `waiting`: between
 * two attempts; `polling`: changes are fetched; `failed`: attempts go on, but rarely, since `problem` is yours to mend; `closed`.
 */
export type ClientPhase = 'idle' | 'connecting' | 'live' | 'waiting' | 'polling' | 'failed' | 'closed';

/** How a client is doing. */
export interface ClientStatus {
  readonly state: ClientPhase;
  /** Why the client is not live; absent while all is well. */
  readonly reason: ProblemCode | undefined;
  /** The reason in one line: what happened and, where the client was given `describeProblem`, what to do about it. */
  readonly message: string | undefined;
  /** Where the rules in use came from; `undefined` before there are any. */
  readonly source: Source | undefined;
  /** The rules in use may be out of date. */
  readonly stale: boolean;
  /** What is held does not add up to the server's state hash; it heals by itself. */
  readonly drift: boolean;
  /** How often that was found since the client was created. */
  readonly drifts: number;
  /** `epoch.version.hash` of what is held. */
  readonly position: string | undefined;
}

const LASTING: ReadonlySet<ProblemCode> = new Set(['auth', 'not-found', 'gone', 'refused', 'format']);

/** The status of a machine state. */
export function statusOf(state: MachineState<Held>): ClientStatus {
  return {
    state: phaseOf(state),
    reason: state.problem?.code,
    message: state.problem?.message,
    source: state.source,
    stale: !state.fresh,
    drift: state.drift,
    drifts: state.drifts,
    position: state.held === undefined ? undefined : formatPosition(state.held.position),
  };
}

/** Whether two statuses tell a user the same. A position that moves is no news of its own. */
export function isSameStatus(a: ClientStatus, b: ClientStatus): boolean {
  return (Object.keys(a) as (keyof ClientStatus)[]).every((name) => name === 'position' || a[name] === b[name]);
}

function phaseOf(state: MachineState<Held>): ClientPhase {
  if (state.lifecycle !== 'running') return state.lifecycle;
  if (state.stream?.stage === 'live') return 'live';
  if (state.problem !== undefined && LASTING.has(state.problem.code) && !(state.polling && state.fresh))
    return 'failed';
  if (state.polling) return 'polling';
  return state.stream === undefined ? 'waiting' : 'connecting';
}
