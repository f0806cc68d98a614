import type { FeedKind, ResumeKind } from '../feed.ts';
import type { ViewName } from '../view.ts';

/** Why a stream was told goodbye: this relay stops · it has been open for long enough · its key is not valid any more. */
export type GoodbyeReason = 'drain' | 'rotate' | 'revoked';

/**
 * Why a stream was cut without a word: it did not take in time what it was sent · too much memory waits for readers · it has
 * stopped acknowledging.
 */
export type CutReason = 'stalled' | 'memory' | 'silent';

/** What a hub has done since it was created. Plain numbers: they are written at each delivery and read once a scrape. */
export interface HubCounts {
  readonly open: Record<ViewName, number>;
  /** The same streams, by what they carry. */
  readonly carrying: Record<FeedKind, number>;
  /** Written to streams. */
  readonly bytes: Record<ViewName, number>;
  readonly resumes: Map<ResumeKind, number>;
  readonly goodbyes: Map<GoodbyeReason, number>;
  readonly cuts: Map<CutReason, number>;
}

/** Counts that are all there, and zero. */
export function createCounts(): HubCounts {
  return {
    open: { server: 0, client: 0 },
    carrying: { rules: 0, values: 0, notices: 0 },
    bytes: { server: 0, client: 0 },
    resumes: zeros(['current', 'behind', 'delta', 'initial', 'evicted', 'fork', 'epoch', 'cheaper']),
    goodbyes: zeros(['drain', 'rotate', 'revoked']),
    cuts: zeros(['stalled', 'memory', 'silent']),
  };
}

/** Counts one more of a kind. */
export function countOne<T>(counts: Map<T, number>, kind: T, more = 1): void {
  counts.set(kind, (counts.get(kind) ?? 0) + more);
}

function zeros<T>(kinds: readonly T[]): Map<T, number> {
  return new Map(kinds.map((kind) => [kind, 0]));
}
