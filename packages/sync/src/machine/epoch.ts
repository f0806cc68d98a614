import { acceptsFullSync } from '../protocol/change.ts';
import type { Position } from '../protocol/position.ts';
import { drawFrom } from './backoff.ts';
import type { Turn } from './turn.ts';
import { closeStream } from './turn.ts';

// Epochs sort by the time they were minted, so a server of a lower one is a replica that has yet to hear of the new one: it
// catches up within moments, and a client never follows it back. A bootstrap or a cache, however, may be of a history that
// no server has: of another environment, or of a lock file that was reverted. Rules that no server has confirmed in this run
// therefore give way to a server that stays at its epoch for minutes. What a server once sent, or its origin signed, never does.

/** The server stands before what is held. Says so once, where it is of another history, and plans how long to wait for it. */
export function suspectEpoch(turn: Turn, server: Position): void {
  const { state, stamp, policy, effects } = turn;
  const { held, source, olderServer } = state;
  if (held === undefined || held.position.epoch === server.epoch || olderServer?.epoch === server.epoch) return;
  const isConfirmed = isSure(turn);
  state.olderServer = {
    epoch: server.epoch,
    at: isConfirmed ? undefined : stamp.at + drawFrom(policy.resyncHold, stamp.random),
  };
  const next = isConfirmed ? 'mint a new epoch at the origin, or restart' : 'its rules are taken in some minutes';
  const text = `The server is at epoch ${server.epoch}, before epoch ${held.position.epoch} of the ${source}. If it stays there: ${next}.`;
  effects.push({ type: 'log', level: 'warn', text });
}

/** The wait is over: asks for everything, and takes it. */
export function yieldEpoch(turn: Turn): void {
  const { state, stamp } = turn;
  if (state.olderServer === undefined) return;
  state.olderServer = { ...state.olderServer, at: undefined };
  state.startOver = true;
  if (state.stream === undefined) return;
  closeStream(turn);
  state.retryAt = stamp.at;
}

/** Whether a full sync at this position may replace what is held. */
export function mayReplace(turn: Turn, position: Position): boolean {
  const { held, olderServer } = turn.state;
  if (acceptsFullSync(held?.position, { position })) return true;
  return !isSure(turn) && olderServer?.epoch === position.epoch && olderServer.at === undefined;
}

/** Whether what is held is of the server's own history: a server sent it, or its origin signed it. */
function isSure({ state, verification }: Turn): boolean {
  return state.source === 'network' || verification !== undefined;
}
