import type { EventOf } from './event.ts';
import type { Turn } from './turn.ts';
import { closeStream, endPoll } from './turn.ts';

/**
 * Whether the machine slept since the last event: its timer is far too late, or, where the steady clock sleeps along, the wall
 * clock jumped ahead of it. Where bytes still come, a late timer is a platform that saves power: browsers hold back those of
 * hidden pages for a minute.
 */
export function hasSlept(turn: Turn): boolean {
  const { state, stamp, policy } = turn;
  const jump = stamp.now - stamp.at - state.clockGap;
  if (jump > policy.sleepAfter) return true;
  const late = stamp.at - (state.timerAt ?? stamp.at);
  return late > policy.sleepAfter && !isHeard(turn);
}

/** After a sleep no connection is trusted, and nothing that fell due meanwhile is done at once. It is no failure. */
export function resume(turn: Turn, delay: number): void {
  const { state, stamp, policy } = turn;
  const at = stamp.at + delay;
  if (state.stream !== undefined || isDue(turn, state.retryAt)) state.retryAt = at;
  const mayPoll = state.poll !== undefined || state.problem === undefined || isDue(turn, state.pollAt);
  if (state.polling && mayPoll) state.pollAt = at;
  turn.loading?.drop(turn);
  endPoll(turn);
  closeStream(turn);
  if (isDue(turn, state.fallbackAt)) state.fallbackAt = stamp.at + policy.fallbackAfter;
  state.fresh = false;
}

/** Looks at once whether what is held is current, unless that is known, or the server asked for time. */
export function wake(turn: Turn, { slept = false }: EventOf<'wake'>): void {
  const { state, stamp } = turn;
  const { stream } = state;
  if (hasSlept(turn) || (stream !== undefined && (slept || !isHeard(turn)))) return resume(turn, 0);
  const { code } = state.problem ?? {};
  if (stream === undefined && code === 'network' && state.retryAt !== undefined) state.retryAt = stamp.at;
  if (stream === undefined && state.polling && state.poll === undefined && (code === undefined || code === 'network')) {
    state.pollAt = stamp.at;
  }
}

function isHeard({ state, stamp, policy }: Turn): boolean {
  return state.stream !== undefined && stamp.at - state.stream.lastByteAt <= policy.wakeIdle;
}

function isDue({ stamp }: Turn, at: number | undefined): boolean {
  return at !== undefined && at <= stamp.at;
}
