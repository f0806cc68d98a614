import { formatPosition } from '../protocol/position.ts';
import type { Held } from '../protocol/held.ts';
import type { Change, FullSyncRef } from '../protocol/message.ts';
import type { Position } from '../protocol/position.ts';
import type { Content } from './content.ts';
import type { Effect } from './effect.ts';
import type { Answer, EventOf, Stamp } from './event.ts';
import { canPollAfter, retryDelay } from './outcome.ts';
import type { Policy } from './policy.ts';
import type { MachineState, Problem } from './state.ts';

/** One step in the making: a private copy of the state, and the effects so far. Nobody outside `step()` sees it change. */
export interface Turn extends MachineParts {
  readonly state: { -readonly [Member in keyof MachineState<Held>]: MachineState<Held>[Member] };
  readonly effects: Effect<Held>[];
  readonly stamp: Stamp;
  readonly policy: Policy;
  readonly content: Content<Held>;
}

/** What some clients do and others do not carry. */
export interface MachineParts {
  readonly loading?: Loading | undefined;
  readonly verification?: Verification | undefined;
  /** Holds something else from now on. */
  readonly switchTo?: ((turn: Turn, event: EventOf<'switch'>) => void) | undefined;
}

/** What a client does for which rules are fetched by reference, or verified: what is held stays meanwhile. */
export interface Loading {
  /** Fetches what a full sync refers to, instead of whatever older is being fetched. Answers why not. Others are never told of one. */
  begin?(turn: Turn, sync: FullSyncRef, isPushed: boolean): Problem | undefined;
  /** Keeps a change for later. Answers whether there is anything to wait for. */
  queue(turn: Turn, change: Change): boolean;
  /** Something became of the load. Answers why what it brought cannot be used by this client. */
  take(turn: Turn, event: Answer & Stamp): Problem | undefined;
  /** The load came to nothing. */
  fail(turn: Turn, what: string): void;
  /** All there is at this position came by another way. */
  overtake(turn: Turn, position: Position): void;
  /** The poll in its place is over. */
  settle(turn: Turn, problem?: Problem): void;
  /** Forgets the load under way, if there is one. */
  drop(turn: Turn): void;
}

/** What a client does that pins keys. */
export interface Verification {
  /** What waits for a check. */
  readonly loading: Loading;
  /** Has a state checked before it replaces what is held; `change` is what made it of that. */
  begin(turn: Turn, after: Held, claimed: Position, change?: Change): void;
  /** A check is over; `problem` says why the state cannot be trusted. */
  end(turn: Turn, request: number, problem?: string): void;
}

/** Opens the stream. The one before must be over. */
export function openStream(turn: Turn): void {
  const { state, stamp, policy } = turn;
  const request = ++state.lastRequest;
  const position = resumePosition(turn);
  state.stream = {
    request,
    stage: 'requested',
    lastByteAt: stamp.at,
    heartbeat: policy.heartbeat,
    ackAs: undefined,
    beats: 0,
  };
  state.retryAt = undefined;
  state.streamDeadAt = stamp.at + policy.responseTimeout;
  turn.effects.push({ type: 'connect', request, position, refreshKey: state.keyRefreshed });
}

/** Ends the stream, if there is one, without saying when the next comes. */
export function closeStream(turn: Turn): void {
  const { state, stamp, policy } = turn;
  if (state.stream === undefined) return;
  turn.effects.push({ type: 'cancel', request: state.stream.request });
  if (state.stream.stage === 'live') state.fallbackAt = stamp.at + policy.fallbackAfter;
  state.stream = undefined;
  state.streamDeadAt = undefined;
  state.healthyAt = undefined;
  state.resync = undefined;
  state.ackAt = undefined;
  if (state.ack !== undefined) turn.effects.push({ type: 'cancel', request: state.ack });
  state.ack = undefined;
}

/** Ends the stream as a failure and plans the next attempt. */
export function failStream(turn: Turn, problem: Problem, retryAfter?: number): void {
  const { state, stamp, policy } = turn;
  closeStream(turn);
  report(turn, problem);
  // Polls that still work keep what is held current.
  if (!state.polling) state.fresh = false;
  state.retryAt = stamp.at + retryDelay(problem.code, state, stamp, policy, retryAfter);
  // At a start without rules polls come early beside a stream that does not answer. A server that answers is obeyed.
  if (state.failures === 0 && state.held === undefined && state.fallbackAt !== undefined) {
    state.fallbackAt = stamp.at + policy.fallbackAfter;
  }
  state.failures += 1;
  if (!canPollAfter(problem.code)) {
    state.fallbackAt = undefined;
    stopPolling(turn);
    return;
  }
  state.fallbackAt ??= state.polling ? undefined : stamp.at + policy.fallbackAfter;
  if (problem.code === 'blocked' || problem.code === 'refused' || state.failures >= policy.fallbackFailures)
    startPolling(turn);
}

/** Plans polls, should the stream not come. Who has nothing to serve does not wait for minutes: some proxies hold even its head back. */
export function planFallback({ state, stamp, policy }: Turn): void {
  state.fallbackAt = stamp.at + (state.held === undefined ? policy.firstEventTimeout : policy.fallbackAfter);
}

/** Makes polls from now on. The first comes within a second. */
export function startPolling(turn: Turn): void {
  const { state, stamp } = turn;
  state.fallbackAt = undefined;
  if (state.polling) return;
  state.polling = true;
  // After one that is under way for a load, the next is planned.
  state.pollAt = state.poll === undefined ? stamp.at + stamp.random * 1_000 : undefined;
}

/** Makes no more polls, unless polling is the mode. */
export function stopPolling(turn: Turn): void {
  const { state, policy } = turn;
  if (policy.mode === 'poll') return;
  // One that stands in for a load was not made for want of a stream.
  if (state.load?.request !== state.poll) endPoll(turn);
  state.polling = false;
  state.pollAt = undefined;
}

/** Asks for what changed, or for everything. The poll before must be over. Answers the number of the request. */
export function openPoll(turn: Turn, everything = false): number {
  const { state, stamp, policy } = turn;
  const request = ++state.lastRequest;
  state.poll = request;
  state.pollAt = undefined;
  state.pollDeadAt = stamp.at + policy.pollTimeout;
  const position = everything ? undefined : resumePosition(turn);
  turn.effects.push({ type: 'poll', request, position, refreshKey: state.keyRefreshed });
  return request;
}

/** Ends the poll under way, if there is one. */
export function endPoll(turn: Turn): void {
  const { state } = turn;
  if (state.poll === undefined) return;
  turn.effects.push({ type: 'cancel', request: state.poll });
  state.poll = undefined;
  state.pollDeadAt = undefined;
}

/** Forgets failures: the server is reached and understood. */
export function succeed(turn: Turn): void {
  const { state } = turn;
  // To be reached is not to be trusted: only a state that was verified ends that.
  if (state.problem !== undefined && state.problem.code !== 'integrity') {
    turn.effects.push({ type: 'log', level: 'info', text: 'In touch with the server again.' });
    state.problem = undefined;
  }
  state.keyRefreshed = false;
  state.startOver = false;
  if (state.stream === undefined) state.failures = 0;
}

/** Keeps the problem for `status()` and logs it once. */
export function report({ state, policy, effects }: Turn, problem: Problem): void {
  const message = policy.describe(problem);
  if (state.problem?.message !== message) effects.push({ type: 'log', level: 'warn', text: message });
  state.problem = { code: problem.code, message };
}

function resumePosition({ state }: Turn): string | undefined {
  return state.held === undefined || state.startOver ? undefined : formatPosition(state.held.position);
}
