import { performance } from 'node:perf_hooks';
import { createFileStore } from '@flags/node';
import type { Environment } from '../environment.ts';
import type { RelayLog } from '../log.ts';
import type { Saved } from './saved.ts';
import { formatSaved, parseSaved } from './saved.ts';

/** Keeps what a relay holds from one run to the next. */
export interface SnapshotTier {
  /** What the last run has kept; `undefined` when there is nothing to be trusted, and the log says why. */
  load(): Saved | undefined;
  /** What is held has changed: has it written before long. */
  save(): void;
  /** Writes what waits to be written, now. Never rejects. */
  flush(): Promise<void>;
}

/** What a snapshot needs to know. */
export interface SnapshotTierOptions {
  readonly path: string;
  readonly environment: Environment;
  readonly log: RelayLog;
  /** When what is held was last known to be how things are, epoch milliseconds. */
  readonly currentAt: () => number;
}

/** Between the starts of two writes, at least, in milliseconds: flags that change all the time cost the disk little. */
const WRITE_GAP = 5_000;

/**
 * Keeps the last good state in a file, with enough history that after a restart clients resume with a delta. A write is all or
 * nothing. A disk that fails is reported once, and again only after it had worked; the relay goes on from memory.
 */
export function createSnapshotTier({ path, environment, log, currentAt }: SnapshotTierOptions): SnapshotTier {
  const store = createFileStore(path);
  let isWaiting = false;
  let writing: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastAt = -Infinity;
  let isFailing = false;

  const write = async (): Promise<void> => {
    lastAt = performance.now();
    isWaiting = false;
    try {
      const text = formatSaved(environment, currentAt());
      if (text !== undefined) await store.write(text);
      if (isFailing) log.info({}, 'the snapshot can be written again');
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.warn({}, `the snapshot ${path} cannot be written (${codeOf(error)})`);
      isFailing = true;
    }
  };

  const begin = (): Promise<void> | undefined => {
    clearTimeout(timer);
    timer = undefined;
    if (!isWaiting) return writing;
    writing ??= write().finally(() => {
      writing = undefined;
      plan();
    });
    return writing;
  };

  const plan = (): void => {
    if (!isWaiting || writing !== undefined || timer !== undefined) return;
    // Never in the turn of the change: whoever waits for it comes first.
    timer = setTimeout(() => void begin(), Math.max(0, lastAt + WRITE_GAP - performance.now())).unref();
  };

  return {
    load: () => {
      let found: Saved | string | undefined;
      try {
        const text = store.read();
        found = text === undefined ? undefined : parseSaved(text);
      } catch (error) {
        found = `it cannot be read (${codeOf(error)})`;
      }
      if (typeof found === 'object' && found.scope !== environment.scope) {
        found = `it holds what ${found.scope} keys are shown, and this relay follows with a ${environment.scope} key`;
      }
      if (typeof found !== 'string') return found;
      log.warn({}, `the snapshot ${path} is not used: ${found}. The next state replaces it`);
      return undefined;
    },
    save: () => {
      isWaiting = true;
      plan();
    },
    flush: async () => {
      for (let next = begin(); next !== undefined; next = begin()) await next;
    },
  };
}

/** An error in a word. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
