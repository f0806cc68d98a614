import type { Position } from './position.ts';

/** What a client or relay holds, whatever it is. Never changed in place. */
export interface Held {
  /** The hash of what is held, as a number. */
  readonly hash: number;
  /**
   * Where it stands. Its hash is the one computed here, so it differs from the server's after a drift. Its version may be above
   * that of what is held: commits that leave it alone move only the position.
   */
  readonly position: Position;
}

/** Moves what is held to a higher version of the same epoch at which it is unchanged. */
export function adoptPosition<H extends Held>(held: H, position: Position): H {
  return { ...held, position };
}
