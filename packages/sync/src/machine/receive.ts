import { adoptPosition } from '../protocol/held.ts';
import type { ContentMessage, Goodbye, Heartbeat, Message } from '../protocol/message.ts';
import type { Position } from '../protocol/position.ts';
import { comparePositions, isSamePosition } from '../protocol/position.ts';
import { planAck } from './ack.ts';
import { goodbyeDelay } from './backoff.ts';
import { mayReplace, suspectEpoch } from './epoch.ts';
import { agree, holdJson, planResync, takeDelta } from './hold.ts';
import type { Problem } from './state.ts';
import type { Turn } from './turn.ts';
import { closeStream, failStream, succeed } from './turn.ts';

/** Takes everything, or a change, that a poll brought. Answers why it cannot be used. */
export function receivePolled(turn: Turn, message: Message): Problem | undefined {
  if (message.type === 'HEARTBEAT' || message.type === 'GOODBYE') {
    return { code: 'data', message: 'no flags in a snapshot' };
  }
  return receiveContent(turn, message, false);
}

/** Takes a message of the stream. Answers why it cannot be used. */
export function receive(turn: Turn, message: Message): Problem | undefined {
  switch (message.type) {
    case 'HEARTBEAT':
      receiveHeartbeat(turn, message);
      return undefined;
    case 'GOODBYE':
      receiveGoodbye(turn, message);
      return undefined;
    default:
      return receiveContent(turn, message, true);
  }
}

function receiveContent(turn: Turn, message: ContentMessage, mayWait: boolean): Problem | undefined {
  const news = turn.content.sort(message);
  if (typeof news === 'string') return { code: 'data', message: news };
  if (news.kind === 'whole') return receiveWhole(turn, news.json, news.position);
  if (news.kind === 'ref') return turn.loading?.begin?.(turn, news.message, mayWait);
  if (!(mayWait || turn.verification) || !turn.loading?.queue(turn, news.change)) takeDelta(turn, news.change);
  return undefined;
}

function receiveWhole(turn: Turn, json: unknown, position: Position): Problem | undefined {
  if (!mayReplace(turn, position)) {
    // From a replica that is behind, or a poll that was overtaken.
    suspectEpoch(turn, position);
    return undefined;
  }
  const problem = holdJson(turn, json, position);
  if (problem === undefined) turn.loading?.overtake(turn, position);
  return problem;
}

function receiveHeartbeat(turn: Turn, message: Heartbeat): void {
  const { state, stamp, policy } = turn;
  const offset = message.time - stamp.now;
  state.clockOffset = Math.abs(offset) > policy.clockTolerance ? offset : 0;
  noteBeat(turn, message);
  const { held } = state;
  if (held === undefined) return planResync(turn, message.position, policy.aheadGrace);
  const order = comparePositions(message.position, held.position);
  // A server that is behind catches up by itself; nothing it has is newer.
  if (order < 0) return suspectEpoch(turn, message.position);
  state.olderServer = undefined;
  if (order === 0) {
    if (isSamePosition(message.position, held.position)) return agree(turn);
    if (!state.drift) state.drifts += 1;
    state.drift = true;
    return planResync(turn, message.position, 0);
  }
  if (message.position.epoch === held.position.epoch && message.position.hash === held.position.hash) {
    // Nobody signs a heartbeat. Where keys are pinned, the position stays that of what was signed.
    if (turn.verification === undefined) {
      state.held = adoptPosition(held, message.position);
      turn.effects.push({ type: 'moved', held: state.held });
    }
    return agree(turn);
  }
  state.fresh = false;
  planResync(turn, message.position, policy.aheadGrace);
}

/** What a heartbeat says of the stream itself. */
function noteBeat(turn: Turn, { stream: name, intervalMs, ack }: Heartbeat): void {
  const { state, policy } = turn;
  if (state.stream === undefined) return;
  const { heartbeat, ackAs, beats } = state.stream;
  state.stream = {
    ...state.stream,
    heartbeat: Math.min(intervalMs ?? heartbeat, policy.heartbeatCap),
    ackAs: ack === true ? name : ackAs,
    beats: beats + 1,
  };
  if (ack === true || beats > 0) planAck(turn);
}

function receiveGoodbye(turn: Turn, message: Goodbye): void {
  const { state, stamp, policy } = turn;
  const wasHealthy = state.stream?.stage === 'live' && state.healthyAt === undefined;
  if (!message.retry) {
    const problem = {
      code: 'gone',
      message: message.reason,
    } as const;
    return failStream(turn, problem);
  }
  closeStream(turn);
  state.retryAt = stamp.at + goodbyeDelay(message.windowMs, state.failures, stamp.random, policy);
  // A planned goodbye is no failure, and what is held counts as fresh meanwhile; one that comes early slows us down.
  if (!wasHealthy) state.failures += 1;
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
