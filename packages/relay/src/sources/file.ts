import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileProblem } from '@flags/config';
import { formatProblem, loadFlagFile } from '@flags/config';
import type { FSWatcher } from 'chokidar';
import { watch } from 'chokidar';
import { RelayError } from '../errors.ts';
import { sourceProblem } from '../problem.ts';
import type { Source, SourceSink } from './source.ts';

/** The numbers of a file source. All times are milliseconds. */
export interface FileSourceOptions {
  /** A file that did not change for this long is read. Editors write in pieces, and a piece of YAML is often valid YAML. */
  readonly settleMs?: number;
  /** A file that is missing or broken for this long is reported. Some editors put the file aside before they write. */
  readonly graceMs?: number;
  /** Between looks at the file's time, for file systems that announce nothing, such as network mounts. */
  readonly pollMs?: number;
}

/**
 * Creates a source that reads a flag file and reports every saved change, however it is saved: by renaming another file over
 * it, by truncating and writing, by swapping a link on the path. Keeps its history in the lock file beside it. While the file
 * is missing or broken, it says why and nothing changes.
 */
export function fileSource(path: string, options: FileSourceOptions = {}): Source {
  const { settleMs = 25, graceMs = 150, pollMs = 1_000 } = options;
  const stopped = new AbortController();
  let watcher: FSWatcher | undefined;
  let sink: SourceSink | undefined;
  /** What was last reported on. */
  let seen = '';
  let looking: Promise<void> | undefined;
  let isStale = false;

  const settled = async (): Promise<string> => {
    let print = await fingerprint(path);
    for (;;) {
      await sleep(settleMs);
      const next = await fingerprint(path);
      if (next === print) return print;
      print = next;
    }
  };

  const read = async (): Promise<void> => {
    let brokenSince: number | undefined;
    while (!stopped.signal.aborted) {
      const print = await settled();
      if (print === seen) return;
      const loaded = await load(path);
      // Saved again while it was read: what was read may be half of each.
      if ((await fingerprint(path)) !== print) continue;
      if (loaded.ok) {
        seen = print;
        sink?.replace(loaded.ruleset);
        return;
      }
      brokenSince ??= Date.now();
      if (Date.now() - brokenSince < graceMs) continue;
      seen = print;
      sink?.broken(loaded.problems);
      return;
    }
  };

  // One look at a time; a call during a look causes one more.
  const look = async (): Promise<void> => {
    isStale = true;
    looking ??= (async () => {
      try {
        while (isStale && !stopped.signal.aborted) {
          isStale = false;
          await read();
        }
      } finally {
        looking = undefined;
      }
    })();
    await looking;
  };

  const poll = async (): Promise<void> => {
    if ((await fingerprint(path)) !== seen) await look();
  };
  let timer: NodeJS.Timeout | undefined;

  return {
    start: async (to) => {
      const print = await fingerprint(path);
      const loaded = await load(path);
      if (!loaded.ok) throw new RelayError('INVALID_SOURCE', describe(path, loaded.problems), loaded.problems);
      seen = print;
      sink = to;
      to.replace(loaded.ruleset);
      watcher = watch(path, { ignoreInitial: true, atomic: false });
      const changed = (): void => void look();
      // An error of the watcher is no error of the file: the poll goes on.
      watcher.on('add', changed).on('change', changed).on('unlink', changed).on('error', changed);
      timer = setInterval(() => void poll(), pollMs).unref();
    },
    refresh: look,
    stop: async () => {
      stopped.abort();
      clearInterval(timer);
      sink = undefined;
      await watcher?.close();
      await looking;
    },
  };
}

/** What a reader does not foresee is a broken file too: a relay outlives it. */
async function load(path: string): ReturnType<typeof loadFlagFile> {
  try {
    return await loadFlagFile(path);
  } catch (error) {
    const message = `reading it failed: ${error instanceof Error ? error.message : String(error)}`;
    const hint = 'This is a defect of the reader; please report it with the file.';
    return { ok: false, problems: [sourceProblem(path, 'FILE', message, hint)] };
  }
}

/** Changes whenever the content may have: follows links, and notices another file of the same size and time. */
async function fingerprint(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs, ctimeNs].join(':');
  } catch (error) {
    return `unreadable: ${error instanceof Error && 'code' in error ? String(error.code) : 'unknown'}`;
  }
}

function describe(path: string, problems: readonly FileProblem[]): string {
  const places = problems.map((problem) => formatProblem(problem)).join('\n');
  return `The flag file ${path} cannot be used.\n${places}`;
}
