import type { HeldState } from '../protocol/change.ts';
import type { Held } from '../protocol/held.ts';
import { drawFrom } from './backoff.ts';
import type { Content } from './content.ts';
import type { Effect } from './effect.ts';
import type { Answer, EventOf, Stamp, StampedEvent } from './event.ts';
import { classifyResponse, ENDED } from './outcome.ts';
import type { Via } from './outcome.ts';
import type { Policy } from './policy.ts';
import { finishPoll } from './poll.ts';
import { goLive, receive, receivePolled } from './receive.ts';
import type { MachineState, Problem } from './state.ts';
import { isSameStatus, statusOf } from './status.ts';
import { tick } from './tick.ts';
import type { MachineParts, Turn } from './turn.ts';
import { closeStream, endPoll, failStream, openPoll, openStream, planFallback, report } from './turn.ts';
import { hasSlept, resume, wake } from './wake.ts';

/** What a step leads to. */
export interface Step<H extends Held = HeldState> {
  readonly state: MachineState<H>;
  /** To be carried out in order. */
  readonly effects: readonly Effect<H>[];
}

const NOTHING: readonly never[] = [];
// How exactly silence is measured. Noting every byte would cost an object a chunk.
const BYTES_RESOLUTION = 1_000;

/**
 * The sync machine: what a client does about an event. Pure: time and chance come with the event, numbers with the policy, and
 * what is held, whatever it is, is made by the content.
 *
 * With a verification among its parts, nothing is held that was not checked.
 *
 * At most one stream, one poll, one load or check, one acknowledgement and one timer exist at any moment. What a server sent never gives
 * way to a lower (epoch, version). Nothing follows `close`; until then there is always a timer or a request that leads back to live.
 */
export function step<H extends Held>(
  state: MachineState<H>,
  event: StampedEvent<H>,
  policy: Policy,
  content: Content<H>,
  parts: MachineParts = {},
): Step<H> {
  if (state.lifecycle === 'closed' || (event.type === 'bytes' && isRecent(state, event))) {
    return { state, effects: NOTHING };
  }
  const turn: Turn = { state: { ...state }, effects: [], stamp: event, policy, content, ...parts };
  handle(turn, event);
  turn.state.clockGap = event.now - event.at;
  setTimer(turn);
  const status = statusOf(turn.state);
  if (!isSameStatus(statusOf(state), status)) turn.effects.push({ type: 'status', status });
  // Nothing is held but what the content or the events gave.
  return { state: turn.state, effects: turn.effects } as Step<H>;
}

function handle(turn: Turn, event: StampedEvent<Held>): void {
  const { policy } = turn;
  if ('request' in event) return takeAnswer(turn, event);
  switch (event.type) {
    case 'start':
      return start(turn, event);
    case 'tick':
      if (hasSlept(turn)) resume(turn, drawFrom(policy.wakeDelay, event.random));
      turn.state.timerAt = undefined;
      return tick(turn);
    case 'wake':
      if (turn.state.lifecycle !== 'running') return undefined;
      wake(turn, event);
      return tick(turn);
    case 'refresh':
      return refresh(turn);
    case 'switch':
      turn.switchTo?.(turn, event);
      return tick(turn);
    case 'close':
      closeStream(turn);
      turn.loading?.drop(turn);
      endPoll(turn);
      turn.state.lifecycle = 'closed';
      return undefined;
  }
}

function refresh(turn: Turn): void {
  // Attempts that are under way or planned bring what is newer by themselves.
  if (turn.state.stream?.stage !== 'live') return;
  closeStream(turn);
  turn.state.retryAt = turn.stamp.at;
}

function start(turn: Turn, event: EventOf<'start'>): void {
  const { state, policy } = turn;
  if (state.lifecycle !== 'idle') return;
  if (event.held !== undefined && state.held === undefined) {
    turn.effects.push({ type: 'changed', before: undefined, after: event.held });
    state.held = event.held;
    state.source = event.source;
  }
  if (policy.mode === 'offline') return;
  state.lifecycle = 'running';
  if (policy.mode === 'poll') {
    state.polling = true;
    openPoll(turn);
  } else {
    planFallback(turn);
    openStream(turn);
  }
}

function takeAnswer(turn: Turn, event: Answer & Stamp): void {
  const via = viaOf(turn.state, event.request);
  if (via === undefined) return;
  if (via === 'load') {
    const problem = turn.loading?.take(turn, event);
    if (problem !== undefined) startOver(turn, problem);
    return;
  }
  switch (event.type) {
    case 'response':
      return takeResponse(turn, event, via);
    case 'bytes':
      return takeBytes(turn);
    case 'message':
      return takeMessage(turn, event, via);
    case 'malformed':
      return takeMalformed(turn, event, via);
    case 'ended': {
      const problem = { code: 'network', message: event.problem ?? ENDED } as const;
      return via === 'poll' ? finishPoll(turn, problem) : failStream(turn, problem);
    }
    default:
      return undefined;
  }
}

function takeResponse(turn: Turn, event: EventOf<'response'>, via: Via): void {
  const { state, stamp, policy } = turn;
  const outcome = classifyResponse(via, event, stamp);
  if (outcome.kind === 'unchanged') {
    state.fresh = true;
    return finishPoll(turn);
  }
  if (outcome.kind === 'ok') {
    if (state.stream?.request === event.request) {
      state.stream = { ...state.stream, stage: 'accepted', lastByteAt: stamp.at };
      state.streamDeadAt = stamp.at + policy.firstEventTimeout;
    }
    return;
  }
  // A snapshot that stands in for a load is asked for once.
  const again =
    state.load?.request !== event.request && canTryAtOnce(turn, event.status, outcome.problem.code === 'auth');
  if (via === 'poll') {
    if (!again) return finishPoll(turn, outcome.problem, outcome.retryAfter);
    endPoll(turn);
    state.pollAt = stamp.at;
  } else {
    if (!again) return failStream(turn, outcome.problem, outcome.retryAfter);
    closeStream(turn);
    state.retryAt = stamp.at;
  }
}

/** Once after a refusal it is worth changing the request and asking again at once: a new key, or no position. */
function canTryAtOnce({ state, policy }: Turn, status: number, isAuth: boolean): boolean {
  if (isAuth && policy.canRefreshKey && !state.keyRefreshed) {
    state.keyRefreshed = true;
    return true;
  }
  if (status === 400 && state.held !== undefined && !state.startOver) {
    state.startOver = true;
    return true;
  }
  return false;
}

function takeBytes({ state, stamp, policy }: Turn): void {
  if (state.stream === undefined) return;
  state.stream = { ...state.stream, lastByteAt: stamp.at };
  if (state.stream.stage === 'live') state.streamDeadAt = stamp.at + policy.deadFactor * state.stream.heartbeat;
}

function takeMessage(turn: Turn, event: EventOf<'message'>, via: Via): void {
  const { state } = turn;
  if (via === 'poll') return finishPoll(turn, receivePolled(turn, event.message));
  const problem = receive(turn, event.message);
  if (problem !== undefined) return startOver(turn, problem);
  // A goodbye may have ended the stream.
  if (state.stream?.request !== event.request) return;
  goLive(turn);
  takeBytes(turn);
}

/** Resuming would bring the same again; everything anew need not. */
function startOver(turn: Turn, problem: Problem): void {
  turn.state.startOver = true;
  if (turn.state.stream === undefined) report(turn, problem);
  else failStream(turn, problem);
}

function takeMalformed(turn: Turn, event: EventOf<'malformed'>, via: Via): void {
  const problem = { code: 'data', message: event.problem } as const;
  if (via === 'stream') return startOver(turn, problem);
  turn.state.startOver = true;
  finishPoll(turn, problem);
}

/** Which live request an event is about; `undefined` for one that is over. */
function viaOf(state: MachineState<Held>, request: number): Via | undefined {
  if (state.stream?.request === request) return 'stream';
  if (state.poll === request) return 'poll';
  return state.load?.request === request ? 'load' : undefined;
}

function isRecent(state: MachineState<Held>, event: EventOf<'bytes'>): boolean {
  return state.stream?.request !== event.request || event.at - state.stream.lastByteAt < BYTES_RESOLUTION;
}

/** One timer serves every deadline. It is moved only to fire earlier; one that fires too early is set anew. */
function setTimer({ state, effects }: Turn): void {
  const closed = state.lifecycle === 'closed';
  const next = closed ? undefined : nextDeadline(state);
  if (next === state.timerAt || (next === undefined && !closed)) return;
  if (next !== undefined && state.timerAt !== undefined && state.timerAt <= next) return;
  state.timerAt = next;
  effects.push({ type: 'timer', at: next });
}

function nextDeadline(state: MachineState<Held>): number | undefined {
  const next = Math.min(
    ...[
      state.retryAt,
      state.streamDeadAt,
      state.healthyAt,
      state.fallbackAt,
      state.pollAt,
      state.pollDeadAt,
      state.loadDeadAt,
      state.ackAt,
      state.resync?.at,
      state.olderServer?.at,
    ].map((at) => at ?? Infinity),
  );
  return next === Infinity ? undefined : next;
}
