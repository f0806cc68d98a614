import type { Held } from '../protocol/held.ts';
import type { Change } from '../protocol/message.ts';
import type { Position } from '../protocol/position.ts';
import { comparePositions } from '../protocol/position.ts';
import { drawFrom } from './backoff.ts';
import { mayReplace } from './epoch.ts';
import { hold, planResync, takeDelta } from './hold.ts';
import { LOADING } from './load.ts';
import type { LoadState } from './state.ts';
import type { Turn, Verification } from './turn.ts';
import { report } from './turn.ts';

// Where keys are pinned, nothing is held that was not checked. What is being checked is a load like any other: what is held
// stays, and deltas wait for it, so that their order is kept however long a check takes.

/**
 * Has every state checked before it is held.
 *
 * @param asSigned The same at the position that was signed.
 */
export function createVerification(asSigned: (after: Held) => Held): Verification {
  return {
    loading: LOADING,
    begin: (turn, after, claimed, change) => begin(turn, asSigned(after), claimed, change),
    end,
  };
}

function begin(turn: Turn, after: Held, claimed: Position, change?: Change): void {
  const { state, stamp, policy } = turn;
  const { load, held: before } = state;
  // What is on its way is newer.
  if (load !== undefined && comparePositions(claimed, load.position) < 0) return;
  LOADING.drop(turn);
  const request = ++state.lastRequest;
  const waiting = load ?? { deltas: [], size: 0, missed: undefined };
  state.load = { ...waiting, request, position: claimed, after };
  state.loadDeadAt = stamp.at + policy.loadTimeout;
  state.resync = undefined;
  turn.effects.push({ type: 'verify', request, before, after, change });
}

function end(turn: Turn, request: number, problem?: string): void {
  const { state } = turn;
  const { load, held } = state;
  const after = load?.after;
  if (load?.request !== request || after === undefined) return;
  LOADING.drop(turn);
  // What was signed counts, not what the message said of itself: an old state may come in the guise of a new one.
  const isOld = held !== undefined && !mayReplace(turn, after.position);
  const refusal = problem ?? (isOld ? 'it was signed before what is in use' : undefined);
  if (refusal === undefined) {
    if (state.problem?.code === 'integrity') {
      state.problem = undefined;
      turn.effects.push({ type: 'log', level: 'info', text: 'What the server sends is signed as it has to be again.' });
    }
    hold(turn, after, load.position);
  } else refuse(turn, refusal);
  follow(turn, load, refusal === undefined ? load.missed : (load.missed ?? load.position));
}

/** What was verified last stays in use. Everything is asked for anew, but rarely: whatever is wrong is wrong for everybody. */
function refuse(turn: Turn, what: string): void {
  const { state, stamp, policy } = turn;
  state.fresh = false;
  report(turn, { code: 'integrity', message: what });
  if (!state.polling) return;
  state.startOver = true;
  state.pollAt = stamp.at + drawFrom(policy.resyncHold, stamp.random);
}

/** What waited for the check comes next; asks for what is missing then. */
function follow(turn: Turn, { deltas }: LoadState, target: Position | undefined): void {
  for (const delta of deltas) if (!LOADING.queue(turn, delta)) takeDelta(turn, delta);
  if (target !== undefined) planResync(turn, target, 0);
}
