import { formatPosition } from '../protocol/position.ts';
import { drawFrom } from './backoff.ts';
import type { Turn } from './turn.ts';

/** Says before long what has been applied, when the server wants to hear it. What comes until then goes along. */
export function planAck({ state, stamp, policy }: Turn): void {
  if (state.stream?.ackAs !== undefined) state.ackAt ??= stamp.at + drawFrom(policy.ackDelay, stamp.random);
}

/** Says what has been applied. One that still waits for its answer is given up. */
export function sendAck({ state, stamp, effects }: Turn): void {
  const { stream, held, ack } = state;
  state.ackAt = undefined;
  if (stream?.ackAs === undefined || held === undefined) return;
  if (ack !== undefined) effects.push({ type: 'cancel', request: ack });
  const request = ++state.lastRequest;
  state.ack = request;
  state.stream = { ...stream, beats: 0 };
  // Not what is held: a position that a heartbeat moved on was never sent, and took no time.
  const { position, at } = state.applied ?? { position: held.position, at: stamp.at };
  effects.push({
    type: 'ack',
    request,
    stream: stream.ackAs,
    position: formatPosition(position),
    lagMs: Math.round(stamp.at - at),
  });
}
