import type { EventOf } from './event.ts';
import type { Turn } from './turn.ts';
import { closeStream, endPoll, planFallback } from './turn.ts';

/**
 * Holds something else from now on, as if it had just started with it: what is under way was asked for what was held before, and
 * its answers are for nobody. What is known of the server stays known: one that asked for time, or cannot be reached, is called
 * no sooner.
 */
export function switchTo(turn: Turn, { held, source }: EventOf<'switch'>): void {
  const { state, stamp, policy } = turn;
  const isOpen = state.stream !== undefined;
  closeStream(turn);
  turn.loading?.drop(turn);
  endPoll(turn);
  state.held = held;
  state.source = source;
  state.fresh = false;
  state.drift = false;
  state.startOver = false;
  state.olderServer = undefined;
  state.applied = undefined;
  state.resyncHoldUntil = undefined;
  turn.effects.push({ type: 'switched' });
  if (state.lifecycle !== 'running') return;
  if (state.polling) state.pollAt = stamp.at;
  else planFallback(turn);
  if (policy.mode === 'poll') return;
  const code = state.problem?.code;
  // It may have been turned down for what it asked for.
  if (code === 'auth' || code === 'refused') state.keyRefreshed = false;
  else if (!isOpen) return;
  state.retryAt = stamp.at;
}
