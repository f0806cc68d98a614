import type { Settings } from './schema.ts';
import { SETTINGS } from './settings.ts';
import { valueAt } from './sources.ts';

/** Taken over while the relay runs. */
const LIVE: ReadonlySet<string> = new Set(['keys', 'keyFile', 'upstreamKey', 'upstreamKeyFile']);

/** The paths of the settings that differ, without those that are taken over while the relay runs. */
export function settingsToRestartFor(running: Settings, read: Settings): readonly string[] {
  const textOf = (settings: Settings, path: string): string | undefined =>
    JSON.stringify(valueAt(settings, path.split('.')));
  return SETTINGS.map(({ path }) => path).filter(
    (path) => !LIVE.has(path) && textOf(running, path) !== textOf(read, path),
  );
}
