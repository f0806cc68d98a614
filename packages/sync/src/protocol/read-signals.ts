import type { Message } from './message.ts';
import { parsePosition } from './position.ts';
import type { Members } from './reader.ts';
import { isAmount, text } from './reader.ts';

/** Reads the data of `HEARTBEAT`. */
export function readHeartbeat(data: Members): Message | string {
  const position = parsePosition(data['position']);
  if (position === undefined) return '`position` is not a position';
  const time = data['time'];
  if (!isAmount(time)) return '`time` is not a number of milliseconds';
  const stream = text(data['stream']);
  const intervalMs = data['intervalMs'];
  if (intervalMs !== undefined && (!isAmount(intervalMs) || intervalMs === 0)) return '`intervalMs` is not positive';
  return {
    type: 'HEARTBEAT',
    position,
    time,
    ...(stream === undefined ? {} : { stream }),
    ...(intervalMs === undefined ? {} : { intervalMs }),
    ...(typeof data['ack'] === 'boolean' ? { ack: data['ack'] } : {}),
  };
}

/** Reads the data of `GOODBYE`. */
export function readGoodbye(data: Members): Message {
  const windowMs = data['windowMs'];
  // A goodbye that leaves something out is still a goodbye: the server closes the stream either way.
  return {
    type: 'GOODBYE',
    reason: text(data['reason']) ?? '',
    windowMs: isAmount(windowMs) ? windowMs : 0,
    retry: data['retry'] !== false,
  };
}
