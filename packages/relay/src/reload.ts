import { watch } from 'chokidar';
import { settingsToRestartFor } from './config/changed.ts';
import type { Config, ParsedConfig } from './config/parse.ts';
import type { RelayLog } from './log.ts';
import type { Relay } from './options.ts';
import type { Source } from './sources/source.ts';

/** What is read again. */
export interface ReloadOptions {
  readonly relay: Pick<Relay, 'setKeys'>;
  readonly source: Pick<Source, 'setKey'>;
  /** What the relay runs with. */
  readonly config: Pick<Config, 'settings' | 'files'>;
  readonly read: () => Promise<ParsedConfig>;
  readonly log: RelayLog;
}

/** Reads the configuration again. */
export interface Reload {
  now(): void;
  /** Resolves once every change is noticed: a moment after it was made. */
  readonly watching: Promise<void>;
  stop(): Promise<void>;
}

/** An editor may write a file in several steps. */
const SETTLE_MS = 100;

/**
 * Has the relay take new keys, also the one it follows its upstream with, whenever one of the files changes. When they cannot be used, the last good ones stay, and the log
 * says what is wrong. Other settings wait for a restart, and the log says which.
 */
export function reloadKeys({ relay, source, config, read, log }: ReloadOptions): Reload {
  let timer: NodeJS.Timeout | undefined;
  let last: Promise<void> = Promise.resolve();
  const reload = async (): Promise<void> => {
    const parsed = await read();
    if (!parsed.ok) return log.error({ reasons: parsed.problems }, 'the keys cannot be used; the last good ones stay');
    const { keys, settings, files, source: from } = parsed.config;
    if (keys.length === 0) {
      return log.error({ reasons: ['No key is left.'] }, 'the keys cannot be used; the last good ones stay');
    }
    relay.setKeys(keys);
    log.info({ count: keys.length }, 'took over the keys');
    watcher?.add([...files]);
    const waiting = settingsToRestartFor(config.settings, settings);
    if (waiting.length > 0) log.warn({ reasons: waiting }, 'these settings have changed, and wait for a restart');
    if (from.kind === 'upstream') source.setKey?.(from.key);
  };
  const now = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      last = last.then(reload).catch((error: unknown) => log.error({ err: error }, 'reading the keys again failed'));
    }, SETTLE_MS);
  };
  const { files } = config;
  let isWatching = (): void => {};
  const watching = new Promise<void>((resolve) => {
    isWatching = resolve;
  });
  const watcher =
    files.length === 0
      ? undefined
      : watch([...files], { ignoreInitial: true })
          .on('all', now)
          .on('ready', isWatching);
  if (watcher === undefined) isWatching();
  return {
    now,
    watching,
    stop: async () => {
      clearTimeout(timer);
      await watcher?.close();
    },
  };
}
