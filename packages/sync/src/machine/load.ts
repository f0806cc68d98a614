import type { Change, FullSyncRef } from '../protocol/message.ts';
import { comparePositions, isSamePosition } from '../protocol/position.ts';
import { drawFrom } from './backoff.ts';
import { mayReplace } from './epoch.ts';
import { agree, holdJson, planResync, takeDelta } from './hold.ts';
import type { Problem } from './state.ts';
import type { Turn } from './turn.ts';
import { endPoll, openPoll, report } from './turn.ts';

// A ruleset that is fetched beside the stream. What is held stays until it is there; deltas wait for it.

/** Fetches what a full sync refers to, instead of whatever older is being fetched. */
export function beginLoad(turn: Turn, { position, ref }: FullSyncRef): void {
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
  dropLoad(turn);
  const request = ++state.lastRequest;
  state.load = { request, position, deltas: [], size: 0, missed: undefined };
  state.loadDeadAt = stamp.at + policy.loadTimeout;
  state.fresh = false;
  state.resync = undefined;
  turn.effects.push({ type: 'load', request, ref });
}

/** Keeps a change for later. Answers whether there is anything to wait for. */
export function queueDelta({ state, policy }: Turn, delta: Change): boolean {
  const { load } = state;
  if (load === undefined) return false;
  const size = load.size + JSON.stringify(delta).length;
  const isFull = load.missed !== undefined || size > policy.queueLimit;
  state.load = isFull
    ? { ...load, deltas: [], missed: delta.position }
    : { ...load, deltas: [...load.deltas, delta], size };
  return true;
}

/** Takes the ruleset that was loaded. Answers why it cannot be used by this client. */
export function takeLoaded(turn: Turn, ruleset: unknown): Problem | undefined {
  const { load } = turn.state;
  if (load === undefined || load.after !== undefined) return undefined;
  const problem = mayReplace(turn, load.position) ? holdJson(turn, ruleset, load.position) : undefined;
  if (problem?.code === 'data') failLoad(turn, 'it is no ruleset');
  else if (turn.state.load === load) settleLoad(turn);
  return problem?.code === 'data' ? undefined : problem;
}

/** The reference was of no use: a snapshot has to do. */
export function failLoad(turn: Turn, what: string): void {
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

/** The load is over, well or not: what waited for it follows. */
export function settleLoad(turn: Turn, problem?: Problem): void {
  const { state, stamp, policy } = turn;
  const { load } = state;
  if (load === undefined) return;
  dropLoad(turn);
  if (problem !== undefined) {
    if (state.stream?.stage === 'live') report(turn, problem);
    const range = state.held === undefined ? policy.pollInterval : policy.resyncHold;
    state.resyncHoldUntil = stamp.at + drawFrom(range, stamp.random);
  }
  for (const delta of load.deltas) if (!queueDelta(turn, delta)) takeDelta(turn, delta);
  const { held } = state;
  const target = load.missed ?? load.position;
  if (held === undefined || state.drift || comparePositions(held.position, target) < 0) planResync(turn, target, 0);
}

/** Forgets the load under way, if there is one. */
export function dropLoad(turn: Turn): void {
  const { state } = turn;
  if (state.load === undefined) return;
  // Once the reference was of no use, it is the poll that is under way for it.
  if (state.loadDeadAt === undefined) endPoll(turn);
  else turn.effects.push({ type: 'cancel', request: state.load.request });
  state.load = undefined;
  state.loadDeadAt = undefined;
}
