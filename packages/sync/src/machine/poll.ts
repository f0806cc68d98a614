import { drawFrom } from './backoff.ts';
import { canPollAfter, retryDelay } from './outcome.ts';
import type { Problem } from './state.ts';
import type { Turn } from './turn.ts';
import { endPoll, report, succeed } from './turn.ts';

/** Ends the poll under way and plans the next: on time, or later or sooner when it failed. */
export function finishPoll(turn: Turn, problem?: Problem, retryAfter?: number): void {
  const { state, stamp, policy } = turn;
  const wasForLoad = state.load?.request === state.poll;
  endPoll(turn);
  if (state.polling) state.pollAt = stamp.at + pollDelay(turn, problem, retryAfter);
  if (wasForLoad) turn.loading?.settle(turn, problem);
  const alone = policy.mode === 'poll';
  if (problem === undefined) {
    // The stream's problem and failures, where there is a stream, are its own.
    if (alone) succeed(turn);
    return;
  }
  if (state.stream?.stage !== 'live') state.fresh = false;
  if (!alone) return;
  state.failures += 1;
  report(turn, problem);
}

function pollDelay(
  { state, stamp, policy }: Turn,
  problem: Problem | undefined,
  retryAfter: number | undefined,
): number {
  if (problem !== undefined) {
    const { code } = problem;
    const lasting = !canPollAfter(code) || code === 'refused' || retryAfter !== undefined;
    const soon = policy.mode === 'poll' && state.failures < policy.fallbackFailures && code !== 'blocked';
    if (lasting || soon) return retryDelay(code, state, stamp, policy, retryAfter);
  }
  return drawFrom(policy.pollInterval, stamp.random);
}
