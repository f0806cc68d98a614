/** What a commit touched, by kind. */
export interface ChangedKeys {
  readonly flags: readonly string[];
  readonly segments: readonly string[];
}

/** A state of a view: the version that made it, and its hash in 8 hexadecimal digits. */
export interface Waypoint {
  readonly version: number;
  readonly hash: string;
}

/** What changed since a waypoint: each key once, however often it was touched. */
export interface NetChange {
  /** The state the change starts from. Its version is at or below the one that was asked for. */
  readonly from: Waypoint;
  readonly flags: ReadonlySet<string>;
  readonly segments: ReadonlySet<string>;
}

/** Why a position cannot be resumed: it is older than the log, or the log never passed through it. */
export type ResumeFailure = 'evicted' | 'fork';

/** The most recent commits of one view within one epoch. Holds keys and hashes, never entries: a delta takes those from the head. */
export interface Changelog {
  /** Forgets everything and starts at this state: a new epoch, or a history that does not continue the old one. */
  reset(start: Waypoint): void;
  /** Adds the state after a commit. Its version has to be above the last one's. A commit that left the view alone is not added. */
  append(after: Waypoint, changed: ChangedKeys): void;
  /**
   * What changed after the state a client is in. The client's version may lie between two commits, since a commit that
   * leaves a view alone moves only the position; its hash has to be that of the state it claims.
   */
  since(held: Waypoint): NetChange | ResumeFailure;
  /** The states that lead to the head, oldest first, from the one that held at this version; all without one. */
  commits(from?: number): readonly Commit[];
  /**
   * Adds states that another log has passed through, so that who stands at one of them can be resumed here. They are believed
   * only when they lead to a state of this log; answers whether they do.
   */
  learn(commits: readonly Commit[]): boolean;
}

/** How much a changelog keeps. */
export interface ChangelogLimits {
  readonly commits: number;
  /** Over all commits; bounds what bulk imports take. */
  readonly keys: number;
}

/** 4 096 commits are days of work for a busy team; 131 072 keys are about a megabyte. */
const DEFAULT_CHANGELOG_LIMITS: ChangelogLimits = { commits: 4_096, keys: 131_072 };

/** A state of a view and what changed to reach it; of the oldest state of a log, nothing. */
export interface Commit extends Waypoint, ChangedKeys {}

/** Creates a changelog that starts at a state; commits over the limits leave at the old end. */
export function createChangelog(start: Waypoint, limits: ChangelogLimits = DEFAULT_CHANGELOG_LIMITS): Changelog {
  // The first is where the log starts: a state to resume from, whose own changes are of no use.
  let commits: Commit[] = [{ ...start, flags: [], segments: [] }];
  let keys = 0;

  const trim = (): void => {
    let first = 0;
    for (; first < commits.length - 1; first += 1) {
      if (commits.length - 1 - first <= limits.commits && keys <= limits.keys) break;
      const [gone, oldest] = commits.slice(first, first + 2);
      if (gone === undefined || oldest === undefined) break;
      keys -= countKeys(gone) + countKeys(oldest);
      // What becomes the oldest state is only resumed from.
      commits[first + 1] = { version: oldest.version, hash: oldest.hash, flags: [], segments: [] };
    }
    // All at once: one by one takes time with the square of their number, and another relay may send very many.
    if (first > 0) commits = commits.slice(first);
  };

  return {
    reset: (state) => {
      commits = [{ ...state, flags: [], segments: [] }];
      keys = 0;
    },
    append: (after, changed) => {
      commits.push({ ...after, ...changed });
      keys += countKeys(changed);
      trim();
    },
    since: (held) => {
      const index = lastAtOrBelow(commits, held.version);
      const from = commits[index];
      if (from === undefined) return 'evicted';
      if (from.hash !== held.hash) return 'fork';
      const flags = new Set<string>();
      const segments = new Set<string>();
      for (const commit of commits.slice(index + 1)) {
        for (const key of commit.flags) flags.add(key);
        for (const key of commit.segments) segments.add(key);
      }
      return { from: { version: from.version, hash: from.hash }, flags, segments };
    },
    commits: (from) => commits.slice(from === undefined ? 0 : Math.max(0, lastAtOrBelow(commits, from))),
    learn: (others) => {
      const head = commits.at(-1)?.version ?? 0;
      const known = others.filter(({ version }) => version <= head);
      const last = known.at(-1);
      if (last === undefined || commits[lastAtOrBelow(commits, last.version)]?.hash !== last.hash) return false;
      commits = merge(commits, known);
      keys = 0;
      for (const commit of commits) keys += countKeys(commit);
      trim();
      return true;
    },
  };
}

/**
 * One log of both. Whoever stands at a state is told what either log changed after it: that is all of what the log of that
 * state has, so nothing is missed, and naming a key too often does no harm, since deltas hold the head form.
 */
function merge(own: readonly Commit[], others: readonly Commit[]): Commit[] {
  const byVersion = new Map(own.map((commit) => [commit.version, commit]));
  for (const other of others) {
    const mine = byVersion.get(other.version);
    if (mine === undefined) byVersion.set(other.version, other);
    else if (mine.hash === other.hash) {
      const flags = [...new Set([...mine.flags, ...other.flags])];
      const segments = [...new Set([...mine.segments, ...other.segments])];
      byVersion.set(other.version, { version: mine.version, hash: mine.hash, flags, segments });
    }
  }
  return [...byVersion.values()].sort((a, b) => a.version - b.version);
}

function countKeys(changed: ChangedKeys): number {
  return changed.flags.length + changed.segments.length;
}

/** Index of the last state whose version is not above this one; -1 when all are. */
function lastAtOrBelow(commits: readonly Commit[], version: number): number {
  let low = 0;
  let high = commits.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((commits[middle]?.version ?? Infinity) <= version) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
