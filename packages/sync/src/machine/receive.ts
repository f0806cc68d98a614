import { compileRuleset } from '@flags/core';
import type { HeldState } from '../protocol/change.ts';
import { acceptsFullSync, adoptPosition, applyDelta, holdRuleset, judgeDelta } from '../protocol/change.ts';
import type {
  FlagUpdate,
  FullSync,
  FullSyncRef,
  Goodbye,
  Heartbeat,
  Message,
  SegmentUpdate,
} from '../protocol/message.ts';
import type { Position } from '../protocol/position.ts';
import { comparePositions, isSamePosition } from '../protocol/position.ts';
import { drawFrom, goodbyeDelay } from './backoff.ts';
import type { Problem } from './state.ts';
import type { Turn } from './turn.ts';
import { closeStream, failStream, succeed } from './turn.ts';

/** Takes a ruleset or delta that a poll brought. Answers why it cannot be used. */
export function receivePolled(turn: Turn, message: Message): Problem | undefined {
  if (message.type === 'HEARTBEAT' || message.type === 'GOODBYE') {
    return { code: 'data', message: 'The server answered a poll with something else than rules.' };
  }
  return receive(turn, message);
}

/** Takes a message of the stream. Answers why it cannot be used. */
export function receive(turn: Turn, message: Message): Problem | undefined {
  switch (message.type) {
    case 'FULL_SYNC':
      return receiveFullSync(turn, message);
    case 'FLAG_UPDATE':
    case 'SEGMENT_UPDATE':
      receiveDelta(turn, message);
      return undefined;
    case 'VALUES':
      return { code: 'data', message: 'The server sent values where rules are expected.' };
    case 'HEARTBEAT':
      receiveHeartbeat(turn, message);
      return undefined;
    case 'GOODBYE':
      receiveGoodbye(turn, message);
      return undefined;
  }
}

function receiveFullSync(turn: Turn, message: FullSync | FullSyncRef): Problem | undefined {
  const { state } = turn;
  // From a replica that is behind, or a poll that was overtaken.
  if (!acceptsFullSync(state.held?.position, message)) return undefined;
  if ('ref' in message) return { code: 'data', message: 'The server sent its rules by reference.' };
  const ruleset = compileRuleset(message.ruleset, turn.policy.compileOptions);
  if (ruleset.invalid === 'FORMAT') {
    return { code: 'format', message: 'The ruleset is of a format this client does not know. Update the client.' };
  }
  if (ruleset.invalid !== undefined) return { code: 'data', message: 'The server sent something that is no ruleset.' };
  hold(turn, holdRuleset(ruleset, message.position), message.position);
  return undefined;
}

function receiveDelta(turn: Turn, message: FlagUpdate | SegmentUpdate): void {
  const { held } = turn.state;
  const verdict = judgeDelta(held?.position, message);
  if (verdict === 'gap') planResync(turn, message.position, 0);
  if (verdict === 'apply' && held !== undefined) hold(turn, applyDelta(held, message), message.position);
}

function receiveHeartbeat(turn: Turn, message: Heartbeat): void {
  const { state, stamp, policy } = turn;
  const offset = message.time - stamp.now;
  state.clockOffset = Math.abs(offset) > policy.clockTolerance ? offset : 0;
  if (state.stream !== undefined && message.intervalMs !== undefined) {
    state.stream = { ...state.stream, heartbeat: message.intervalMs };
  }
  const { held } = state;
  if (held === undefined) return planResync(turn, message.position, policy.aheadGrace);
  const order = comparePositions(message.position, held.position);
  // A server that is behind catches up by itself; nothing it has is newer.
  if (order < 0) return;
  if (order === 0) {
    if (isSamePosition(message.position, held.position)) return agree(turn);
    state.drift = true;
    return planResync(turn, message.position, 0);
  }
  if (message.position.epoch === held.position.epoch && message.position.hash === held.position.hash) {
    state.held = adoptPosition(held, message.position);
    return agree(turn);
  }
  state.fresh = false;
  planResync(turn, message.position, policy.aheadGrace);
}

function receiveGoodbye(turn: Turn, message: Goodbye): void {
  const { state, stamp, policy } = turn;
  const wasHealthy = state.stream?.stage === 'live' && state.healthyAt === undefined;
  if (!message.retry) {
    const problem = {
      code: 'gone',
      message: `The server ended this stream for good (${message.reason}). Check the key.`,
    } as const;
    return failStream(turn, problem);
  }
  closeStream(turn);
  state.retryAt = stamp.at + goodbyeDelay(message.windowMs, state.failures, stamp.random, policy);
  // A planned goodbye is no failure, and what is held counts as fresh meanwhile; one that comes early slows us down.
  if (!wasHealthy) state.failures += 1;
}

/** Replaces what is held, all at once, and compares it with what the server says it should be. */
function hold(turn: Turn, after: HeldState, claimed: Position): void {
  const { state } = turn;
  turn.effects.push({ type: 'changed', before: state.held, after });
  state.held = after;
  state.source = 'network';
  if (after.position.hash === claimed.hash) return agree(turn);
  state.drift = true;
  state.fresh = true;
  planResync(turn, claimed, 0);
}

function agree(turn: Turn): void {
  const { state } = turn;
  state.fresh = true;
  state.drift = false;
  state.resync = undefined;
  state.resyncHoldUntil = undefined;
}

/** Plans to ask again, at a random moment: whatever made this client fall out of step may have hit all of them at once. */
function planResync(turn: Turn, position: Position, grace: number): void {
  const { state, stamp } = turn;
  if (state.stream === undefined || state.resync !== undefined) return;
  const earliest = Math.max(stamp.at + grace, state.resyncHoldUntil ?? 0);
  state.resync = { at: earliest + (stamp.random * state.stream.heartbeat) / 2, position };
}

/** Resumes the stream from what is held; the server sends what is missing, or everything after a fork. */
export function resync(turn: Turn): void {
  const { state, stamp, policy } = turn;
  closeStream(turn);
  state.resyncHoldUntil = stamp.at + drawFrom(policy.resyncHold, stamp.random);
  state.retryAt = stamp.at;
}

/** The stream brought a first event it could use. */
export function goLive(turn: Turn): void {
  const { state, stamp, policy } = turn;
  if (state.stream === undefined || state.stream.stage === 'live') return;
  state.stream = { ...state.stream, stage: 'live' };
  state.healthyAt = stamp.at + policy.healthyAfter;
  state.fallbackAt = undefined;
  succeed(turn);
}
