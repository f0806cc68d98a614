import { readFileSync } from 'node:fs';
import { formatProblem, loadFlagFile } from '@flags/config';
import { RelayError } from '../errors.ts';
import type { Saved } from '../tiers/saved.ts';
import { parseSaved } from '../tiers/saved.ts';
import type { Source } from './source.ts';

/**
 * Creates a source that serves one file as it is, for places without a network: a snapshot that a relay has kept, a saved answer of
 * `GET /v1/snapshot`, or a flag file. It is read once and nothing is written, not even a lock.
 */
export function archiveSource(path: string): Source {
  let found: Saved | string | undefined;
  const saved = (): Saved | string => (found ??= readSaved(path));
  return {
    isCopy: true,
    get scope() {
      const file = saved();
      return typeof file === 'string' ? 'server' : file.scope;
    },
    start: async (sink) => {
      const file = saved();
      if (typeof file === 'object') {
        sink.replace(file.ruleset);
        if (file.history !== undefined) sink.learn(file.history);
        return;
      }
      if (file !== '') throw new RelayError('INVALID_SOURCE', `The snapshot ${path} cannot be used: ${file}.`);
      const loaded = await loadFlagFile(path, { write: false });
      if (!loaded.ok) {
        const places = loaded.problems.map((problem) => formatProblem(problem)).join('\n');
        throw new RelayError('INVALID_SOURCE', `The file ${path} cannot be used.\n${places}`, loaded.problems);
      }
      sink.replace(loaded.ruleset);
      // A lock that is not written is what was asked for.
      const warnings = loaded.warnings.filter(({ code }) => code !== 'LOCK');
      if (warnings.length > 0) sink.doubtful(warnings);
    },
    refresh: async () => {},
    stop: async () => {},
  };
}

/** The state in a file, or why it cannot be used; nothing when the file is of another kind. */
function readSaved(path: string): Saved | string {
  try {
    const text = readFileSync(path, 'utf8');
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && Object.hasOwn(json, 'event') ? parseSaved(text) : '';
  } catch {
    // Not there, or no JSON: the reader of flag files says what is wrong, or takes it.
    return '';
  }
}
