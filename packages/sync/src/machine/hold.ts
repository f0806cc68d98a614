import type { Held } from '../protocol/held.ts';
import type { Change } from '../protocol/message.ts';
import type { Position } from '../protocol/position.ts';
import { planAck } from './ack.ts';
import { drawFrom } from './backoff.ts';
import { isProblem } from './content.ts';
import type { Problem } from './state.ts';
import type { Turn } from './turn.ts';
import { closeStream, succeed } from './turn.ts';

/** Holds everything anew at this position. Answers why it cannot be used. */
export function holdJson(turn: Turn, json: unknown, position: Position): Problem | undefined {
  const after = turn.content.whole(json, position, turn.state.held);
  if (isProblem(after)) return after;
  replace(turn, after, position);
  return undefined;
}

/** Applies a change, ignores one that is older than what is held, and plans a resync where something is missing before it. */
export function takeDelta(turn: Turn, change: Change): void {
  const { content, state } = turn;
  const { held } = state;
  const verdict = content.judge(held, change);
  if (verdict === 'gap') planResync(turn, change.position, 0);
  if (verdict === 'apply' && held !== undefined) replace(turn, content.apply(held, change), change.position, change);
}

/** Replaces what is held; where keys are pinned, once it is verified. */
function replace(turn: Turn, after: Held, claimed: Position, change?: Change): void {
  if (turn.verification === undefined) hold(turn, after, claimed);
  else turn.verification.begin(turn, after, claimed, change);
}

/** Replaces what is held, all at once, and compares it with what the server says it should be. */
export function hold(turn: Turn, after: Held, claimed: Position): void {
  const { state, stamp } = turn;
  turn.effects.push({ type: 'changed', before: state.held, after });
  state.held = after;
  state.source = 'network';
  state.olderServer = undefined;
  state.applied = { position: after.position, at: stamp.at };
  planAck(turn);
  if (after.position.hash === claimed.hash) return agree(turn);
  state.drift = true;
  state.drifts += 1;
  state.fresh = true;
  planResync(turn, claimed, 0);
}

/** The server has just what is held. */
export function agree(turn: Turn): void {
  const { state } = turn;
  state.fresh = true;
  state.drift = false;
  state.resync = undefined;
  if (state.problem?.code !== 'integrity') state.resyncHoldUntil = undefined;
  if (state.stream?.stage === 'live') succeed(turn);
}

/** Plans to ask again, at a random moment: whatever made this client fall out of step may have hit all of them at once. */
export function planResync(turn: Turn, position: Position, grace: number): void {
  const { state, stamp } = turn;
  // What is being loaded is the answer already.
  if (state.stream === undefined || state.resync !== undefined || state.load !== undefined) return;
  const earliest = Math.max(stamp.at + grace, state.resyncHoldUntil ?? 0);
  state.resync = { at: earliest + (stamp.random * state.stream.heartbeat) / 2, position };
}

/** Resumes the stream from what is held; the server sends what is missing, or everything after a fork. */
export function resync(turn: Turn): void {
  const { state, stamp, policy } = turn;
  closeStream(turn);
  // Resuming would bring the same again.
  if (state.problem?.code === 'integrity') state.startOver = true;
  state.resyncHoldUntil = stamp.at + drawFrom(policy.resyncHold, stamp.random);
  state.retryAt = stamp.at;
}
