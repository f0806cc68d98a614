import type { Position } from '@flags/sync';
import { comparePositions } from '@flags/sync';
import type { RelayLog } from './log.ts';

/** Creates what is called with the position of a client that is ahead: the source is looked at, once for all who come meanwhile. */
export function createBehind(refresh: (ahead: Position) => Promise<void>, log: RelayLog): (ahead: Position) => void {
  let highest: Position | undefined;
  const look = async (): Promise<void> => {
    try {
      // A higher one that came in the middle of a look may have come too late for it.
      for (let asked: Position | undefined; highest !== undefined && asked !== highest;) {
        asked = highest;
        await refresh(asked);
      }
    } finally {
      // At once, or one that comes before the caller hears of the end would find nobody who looks.
      highest = undefined;
    }
  };
  return (ahead) => {
    const isUnderWay = highest !== undefined;
    if (highest === undefined || comparePositions(ahead, highest) > 0) highest = ahead;
    if (isUnderWay) return;
    look().catch((error: unknown) => log.error({ err: error }, 'looking at the source again failed'));
  };
}
