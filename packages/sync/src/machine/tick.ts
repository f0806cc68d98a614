import type { Held } from '../protocol/held.ts';
import { comparePositions } from '../protocol/position.ts';
import { sendAck } from './ack.ts';
import { yieldEpoch } from './epoch.ts';
import { resync } from './hold.ts';
import { finishPoll } from './poll.ts';
import type { MachineState } from './state.ts';
import type { Turn } from './turn.ts';
import { failStream, openPoll, openStream, startPolling, stopPolling } from './turn.ts';

/** Does whatever is due. */
export function tick(turn: Turn): void {
  const { state, policy } = turn;
  const isDue = (at: number | undefined): boolean => at !== undefined && at <= turn.stamp.at;
  if (isDue(state.streamDeadAt)) giveUpStream(turn);
  if (isDue(state.healthyAt)) {
    state.healthyAt = undefined;
    state.failures = 0;
    stopPolling(turn);
  }
  if (isDue(state.resync?.at)) {
    if (isBehind(state)) resync(turn);
    else state.resync = undefined;
  }
  if (isDue(state.olderServer?.at)) yieldEpoch(turn);
  if (isDue(state.fallbackAt)) startPolling(turn);
  if (isDue(state.loadDeadAt)) turn.loading?.fail(turn, `no answer in ${policy.loadTimeout / 1_000} s`);
  if (isDue(state.pollDeadAt)) {
    const seconds = policy.pollTimeout / 1_000;
    finishPoll(turn, { code: 'network', message: `no answer to a poll in ${seconds} s` });
  }
  if (isDue(state.ackAt)) sendAck(turn);
  if (isDue(state.retryAt) && state.stream === undefined) openStream(turn);
  if (isDue(state.pollAt) && state.poll === undefined) openPoll(turn);
}

function giveUpStream(turn: Turn): void {
  const { state, policy } = turn;
  const { stream } = state;
  if (stream === undefined) return;
  if (stream.stage === 'accepted') {
    const seconds = policy.firstEventTimeout / 1_000;
    const message = `no event in ${seconds} s`;
    return failStream(turn, { code: 'blocked', message });
  }
  const waited = stream.stage === 'requested' ? policy.responseTimeout : policy.deadFactor * stream.heartbeat;
  const message = `nothing for ${Math.round(waited / 1_000)} s`;
  failStream(turn, { code: 'network', message });
}

/** Whether a planned resync is still needed: a delta may have arrived meanwhile. */
function isBehind({ held, resync: plan, drift }: MachineState<Held>): boolean {
  if (plan === undefined) return false;
  return held === undefined || drift || comparePositions(held.position, plan.position) < 0;
}
