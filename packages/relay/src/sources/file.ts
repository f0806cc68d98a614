import { readFile, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileProblem, LoadResult, Lock } from '@flags/config';
import { formatProblem, loadFlagFile, lockPathOf } from '@flags/config';
import type { EntryHeader, Ruleset } from '@flags/core';
import type { FSWatcher } from 'chokidar';
import { watch } from 'chokidar';
import { RelayError } from '../errors.ts';
import { sourceProblem } from '../problem.ts';
import type { Source, SourceSink } from './source.ts';

/** The numbers of a file source. All times are milliseconds. */
export interface FileSourceOptions {
  /** A file that did not change for this long is read; 25 when absent. Editors write in pieces, and a piece of YAML is often valid YAML. */
  readonly settleMs?: number;
  /** A file that is missing or broken for this long is reported; 150 when absent. Some editors put the file aside before they write. */
  readonly graceMs?: number;
  /** Between looks at the file's time, for file systems that announce nothing, such as network mounts; 1 000 when absent. */
  readonly pollMs?: number;
}

/**
 * Creates a source that reads a flag file and reports every saved change, however it is saved: by renaming another file over
 * it, by truncating and writing, by swapping a link on the path. Keeps its history in the lock file beside it, or in memory
 * where that cannot be written. While the file is missing or broken, it says why and nothing changes.
 */
export function fileSource(path: string, options: FileSourceOptions = {}): Source {
  const { settleMs = 25, graceMs = 150, pollMs = 1_000 } = options;
  const lockPath = lockPathOf(path);
  let isStopped = false;
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  let sink: SourceSink | undefined;
  /** The files as they were when they were last reported on. */
  let seen: Prints | undefined;
  let lock: Lock | undefined;
  let lastWarnings = '';
  let looking: Promise<void> | undefined;
  let isStale = false;

  const print = async (): Promise<Prints> => ({ flags: await fingerprint(path), lock: await fingerprint(lockPath) });

  const settled = async (): Promise<Prints> => {
    let before = await print();
    for (;;) {
      await sleep(settleMs);
      const after = await print();
      if (isSame(after, before) || isStopped) return after;
      before = after;
    }
  };

  const load = async (): Promise<LoadResult> => {
    try {
      return await loadFlagFile(path, lock === undefined ? {} : { lock });
    } catch (error) {
      // What the reader does not foresee is a broken file too: a relay outlives it.
      const message = `Reading it failed: ${error instanceof Error ? error.message : String(error)}`;
      return { ok: false, problems: [sourceProblem(path, 'FILE', message, 'Please report this with the file.')] };
    }
  };

  const report = (loaded: Extract<LoadResult, { ok: true }>): void => {
    lock = loaded.lock;
    sink?.replace(loaded.ruleset);
    const warnings = JSON.stringify(loaded.warnings);
    // The same doubt at every save would hide the news.
    if (loaded.warnings.length > 0 && warnings !== lastWarnings) sink?.doubtful(loaded.warnings);
    lastWarnings = warnings;
  };

  const read = async (): Promise<void> => {
    let brokenSince: number | undefined;
    for (;;) {
      const before = await settled();
      if (isStopped || (seen !== undefined && isSame(before, seen))) return;
      const loaded = await load();
      const after = await print();
      // Saved again while it was read: what was read may be half of each. A lock that was just written here is no such thing.
      const isOwnLock = loaded.ok && loaded.lockWritten;
      if (after.flags !== before.flags || (after.lock !== before.lock && !isOwnLock)) continue;
      if (loaded.ok) {
        seen = after;
        return report(loaded);
      }
      brokenSince ??= Date.now();
      if (Date.now() - brokenSince < graceMs) continue;
      seen = after;
      return sink?.broken(loaded.problems);
    }
  };

  // One look at a time; a call during a look causes one more.
  const look = async (): Promise<void> => {
    isStale = true;
    looking ??= (async () => {
      try {
        while (isStale && !isStopped) {
          isStale = false;
          await read();
        }
      } finally {
        looking = undefined;
      }
    })();
    await looking;
  };

  return {
    start: async (to, held) => {
      // Where the lock is gone, or could never be written, the history goes on from what the relay has kept.
      lock = held && lockOf(held.ruleset);
      const loaded = await load();
      if (!loaded.ok && held === undefined) {
        throw new RelayError('INVALID_SOURCE', await describe(path, loaded.problems), loaded.problems);
      }
      sink = to;
      if (loaded.ok) report(loaded);
      else to.broken(loaded.problems);
      watcher = watch([path, lockPath], { ignoreInitial: true, atomic: false });
      const changed = (): void => void look();
      // An error of the watcher is no error of the file: the timer goes on.
      watcher.on('all', changed).on('error', changed);
      timer = setInterval(changed, pollMs).unref();
      // What was saved before the watcher was in place.
      changed();
    },
    refresh: look,
    stop: async () => {
      isStopped = true;
      clearInterval(timer);
      sink = undefined;
      await watcher?.close();
      await looking;
    },
  };
}

/** The history of a ruleset. Time zones are none of it: they are taken from the lock file, or from this machine. */
function lockOf({ environment, epoch, version, flags, segments }: Ruleset): Lock {
  const headers = (entries: Readonly<Record<string, EntryHeader>>): Lock['flags'] =>
    new Map(Object.entries(entries).map(([key, entry]) => [key, { version: entry.version, digest: entry.digest }]));
  return { environment, epoch, version, flags: headers(flags), segments: headers(segments), zones: new Map() };
}

/** How the two files were at a moment. */
interface Prints {
  readonly flags: string;
  readonly lock: string;
}

function isSame(one: Prints, other: Prints): boolean {
  return one.flags === other.flags && one.lock === other.lock;
}

/** Changes whenever the content may have: follows links, and notices another file of the same size and time. */
async function fingerprint(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(':');
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
  }
}

/** All problems, with the lines they are in where those can still be read. */
async function describe(path: string, problems: readonly FileProblem[]): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const places = problems.map((problem) => formatProblem(problem, problem.file === path ? text : undefined));
  return `The flag file ${path} cannot be used.\n${places.join('\n')}`;
}
