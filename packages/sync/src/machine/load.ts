import type { Change, FullSyncRef } from '../protocol/message.ts';
import type { Position } from '../protocol/position.ts';
import { comparePositions, isSamePosition } from '../protocol/position.ts';
import { drawFrom } from './backoff.ts';
import { mayReplace, suspectEpoch } from './epoch.ts';
import type { Answer, Stamp } from './event.ts';
import { agree, holdJson, planResync, takeDelta } from './hold.ts';
import { classifyResponse, ENDED } from './outcome.ts';
import type { Problem } from './state.ts';
import type { Loading, Turn } from './turn.ts';
import { endPoll, openPoll, report } from './turn.ts';

// A ruleset that is fetched beside the stream. What is held stays until it is there; deltas wait for it.

/** What waits for a check. */
export const LOADING: Loading = { queue, take, fail, overtake, settle, drop };

/** What a client does that fetches rules by reference. */
export const LOADING_REFERENCES: Loading = { ...LOADING, begin };

function begin(turn: Turn, sync: FullSyncRef, isPushed: boolean): Problem | undefined {
  const { load, poll } = turn.state;
  if (!isPushed && load?.request === poll) return { code: 'data', message: 'a snapshot that only refers to its rules' };
  if (mayReplace(turn, sync.position)) beginLoad(turn, sync);
  else suspectEpoch(turn, sync.position);
  return undefined;
}

function beginLoad(turn: Turn, { position, ref }: FullSyncRef): void {
  const { state, stamp, policy } = turn;
  const { held, load } = state;
  if (held !== undefined && isSamePosition(held.position, position)) return agree(turn);
  // A stream that came back says the same again; a replica that is behind, something older.
  if (
    load !== undefined &&
    (isSamePosition(load.position, position) || comparePositions(load.position, position) > 0)
  ) {
    return;
  }
  drop(turn);
  const request = ++state.lastRequest;
  state.load = { request, position, deltas: [], size: 0, missed: undefined };
  state.loadDeadAt = stamp.at + policy.loadTimeout;
  state.fresh = false;
  state.resync = undefined;
  turn.effects.push({ type: 'load', request, ref });
}

function queue({ state, policy }: Turn, delta: Change): boolean {
  const { load } = state;
  if (load === undefined) return false;
  const size = load.size + JSON.stringify(delta).length;
  const isFull = load.missed !== undefined || size > policy.queueLimit;
  state.load = isFull
    ? { ...load, deltas: [], missed: delta.position }
    : { ...load, deltas: [...load.deltas, delta], size };
  return true;
}

function take(turn: Turn, event: Answer & Stamp): Problem | undefined {
  switch (event.type) {
    case 'response':
      if (classifyResponse('load', event, turn.stamp).kind !== 'ok') fail(turn, `status ${event.status}`);
      return undefined;
    case 'loaded':
      return takeLoaded(turn, event.ruleset);
    case 'verified':
      turn.verification?.end(turn, event.request, event.problem);
      return undefined;
    case 'malformed':
    case 'ended':
      fail(turn, event.problem ?? ENDED);
      return undefined;
    default:
      return undefined;
  }
}

/** Takes the ruleset that was loaded. Answers why it cannot be used by this client. */
function takeLoaded(turn: Turn, ruleset: unknown): Problem | undefined {
  const { load } = turn.state;
  if (load === undefined || load.after !== undefined) return undefined;
  const problem = mayReplace(turn, load.position) ? holdJson(turn, ruleset, load.position) : undefined;
  if (problem?.code === 'data') fail(turn, 'it is no ruleset');
  else if (turn.state.load === load) settle(turn);
  return problem?.code === 'data' ? undefined : problem;
}

/** The reference was of no use: a snapshot has to do. */
function fail(turn: Turn, what: string): void {
  const { state } = turn;
  const { load } = state;
  if (load === undefined) return;
  if (load.after !== undefined) return turn.verification?.end(turn, load.request, what);
  const text = `A ruleset could not be fetched by reference (${what}); fetching a snapshot instead.`;
  turn.effects.push({ type: 'log', level: 'info', text }, { type: 'cancel', request: load.request });
  endPoll(turn);
  state.loadDeadAt = undefined;
  state.load = { ...load, request: openPoll(turn, true) };
}

function overtake(turn: Turn, position: Position): void {
  const { load, poll } = turn.state;
  // A load in the guise of a poll is settled with the poll.
  if (load === undefined || load.after !== undefined || load.request === poll) return;
  if (comparePositions(position, load.position) >= 0) settle(turn);
}

/** The load is over, well or not: what waited for it follows. */
function settle(turn: Turn, problem?: Problem): void {
  const { state, stamp, policy } = turn;
  const { load } = state;
  if (load === undefined) return;
  drop(turn);
  if (problem !== undefined) {
    if (state.stream?.stage === 'live') report(turn, problem);
    const range = state.held === undefined ? policy.pollInterval : policy.resyncHold;
    state.resyncHoldUntil = stamp.at + drawFrom(range, stamp.random);
  }
  for (const delta of load.deltas) if (!queue(turn, delta)) takeDelta(turn, delta);
  const { held } = state;
  const target = load.missed ?? load.position;
  if (held === undefined || state.drift || comparePositions(held.position, target) < 0) planResync(turn, target, 0);
}

function drop(turn: Turn): void {
  const { state } = turn;
  if (state.load === undefined) return;
  // Once the reference was of no use, it is the poll that is under way for it.
  if (state.loadDeadAt === undefined) endPoll(turn);
  else turn.effects.push({ type: 'cancel', request: state.load.request });
  state.load = undefined;
  state.loadDeadAt = undefined;
}
