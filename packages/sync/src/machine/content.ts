import type { DeltaVerdict } from '../protocol/change.ts';
import type { Held } from '../protocol/held.ts';
import type { Change, ContentMessage, FullSyncRef } from '../protocol/message.ts';
import type { Position } from '../protocol/position.ts';
import type { Problem } from './state.ts';

/** What such a message is to its holder: all there is, as JSON; where that is to be fetched; or what changed. */
export type News =
  | { readonly kind: 'whole'; readonly position: Position; readonly json: unknown }
  | { readonly kind: 'ref'; readonly message: FullSyncRef }
  | { readonly kind: 'change'; readonly change: Change };

/**
 * What a client holds, rules or the values for one context, and what it does with what a server says of it. Pure. Positions, their
 * order and everything that can go wrong on the way are the machine's.
 */
export interface Content<H extends Held> {
  /** Sorts a message; a text says why it is of no use to this holder. */
  sort(message: ContentMessage): News | string;
  /** Everything anew, in place of `held`; or why it cannot be used. Its position has the hash of what it then is. */
  whole(json: unknown, position: Position, held: H | undefined): H | Problem;
  /** Whether a change can be applied to what is held. */
  judge(held: H | undefined, change: Change): DeltaVerdict;
  /** What is held after a change that was judged to apply, as the position's hash then says. */
  apply(held: H, change: Change): H;
}

/** Whether `whole` gave a problem. */
export function isProblem(result: Held | Problem): result is Problem {
  return 'code' in result;
}
