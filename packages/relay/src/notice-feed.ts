import type { CompiledRuleset } from '@flags/core';
import { isAffected, nextChangeAt, xxh32 } from '@flags/core';
import { comparePositions, formatPosition, formatStateHash } from '@flags/sync';
import type { Alarm } from './alarm.ts';
import type { Environment } from './environment.ts';
import type { Evaluator } from './evaluator.ts';
import { readableFlag } from './evaluator.ts';
import type { Feed, FeedAnswer, Refetch } from './feed.ts';
import type { ViewName } from './view.ts';

/** What notice feeds watch. */
export interface NoticeFeedOptions {
  readonly environment: Environment;
  readonly evaluator: Evaluator;
  /** Is set for the moments at which the clock alone may change an answer. */
  readonly alarm: Alarm;
  readonly now?: () => number;
}

const CURRENT: FeedAnswer = { kind: 'current' };
const BEHIND: FeedAnswer = { kind: 'behind' };

/**
 * Creates the feed of those who only want to hear that some answer may be another now, for whatever context: OFREP's
 * notification. A new stream hears it at once, since something may have changed after its reader last asked.
 */
export function createNoticeFeed(as: ViewName, options: NoticeFeedOptions): Feed {
  const { environment, evaluator, alarm, now = Date.now } = options;
  let rules: CompiledRuleset | undefined;
  let due = Infinity;
  let hash = '';
  let head: Refetch | undefined;

  const refresh = (): Refetch => {
    const next = evaluator.rules();
    const at = now();
    if (next === undefined || environment.widest === undefined) {
      throw new Error('A stream of notices is open before there are any flags.');
    }
    const isDue = at >= due;
    if (head === undefined || next !== rules || isDue) {
      // Replicas that saw the same change last agree; where they do not, a reader asks once too often.
      if (isDue || mayDiffer(rules, next, as)) {
        const edge = isDue ? `@${due}` : '';
        hash = formatStateHash(xxh32(formatPosition(environment.widest.position) + edge));
      }
      rules = next;
      due = nextChangeAt(next, at) ?? Infinity;
      head = refetch({ epoch: next.epoch, version: next.version, hash }, at);
    }
    // The alarm goes off for all, and is then set anew by all.
    alarm.set(due);
    return head;
  };

  return {
    name: as,
    kind: 'notices',
    get position() {
      return refresh().position;
    },
    answer: (held) => {
      const message = refresh();
      if (held !== undefined) {
        if (comparePositions(held, message.position) > 0) return BEHIND;
        if (held.epoch === message.position.epoch && held.hash === hash) return CURRENT;
      }
      return { kind: 'message', message };
    },
  };
}

function refetch(position: Refetch['position'], at: number): Refetch {
  // Seconds, as the protocol recommends.
  const lastModified = Math.floor(at / 1_000);
  const data = { type: 'refetchEvaluation', etag: formatPosition(position), lastModified };
  return { type: 'REFETCH', position, data };
}

/** Whether any flag that such a key may read could give something else than before. */
function mayDiffer(before: CompiledRuleset | undefined, after: CompiledRuleset, as: ViewName): boolean {
  if (before?.epoch !== after.epoch) return true;
  for (const key of new Set([...before.flags.keys(), ...after.flags.keys()])) {
    const isReadable = [before, after].some((rules) => readableFlag(rules, as, key) !== undefined);
    if (isReadable && isAffected(before, after, key)) return true;
  }
  return false;
}
