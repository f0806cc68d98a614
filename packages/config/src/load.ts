import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Ruleset } from '@flags/core';
import { MAX_FILE_BYTES } from './bounds.ts';
import { parseFlagFile } from './expand.ts';
import { codeOf, lockPathOf, readIfPresent, replaceText } from './lock-file.ts';
import { formatLock, parseLock } from './lock-text.ts';
import { type ChangedKeys, type Lock, type LockOptions, lockRuleset } from './lock.ts';
import { type FileProblem, fileProblem } from './problem.ts';
import { agreesWithMachine, endOfTable } from './zone.ts';

/** How a flag file is loaded. */
export interface LoadOptions extends LockOptions {
  /**
   * The lock of the load before. It is used where the lock file is missing or older, so that a process that may not write
   * keeps one history from load to load.
   */
  readonly lock?: Lock;
  /** `false` leaves the lock file as it is. */
  readonly write?: boolean;
  /** The hashes, besides the built-in one, that those who evaluate have. When absent the file may name any. */
  readonly bucketers?: readonly string[];
  /** Takes the offsets of all time zones anew from this machine's data, ten years from `now`. */
  readonly renewZones?: boolean;
}

/** Either the ruleset with its history, or every problem. */
export type LoadResult =
  | {
      readonly ok: true;
      readonly ruleset: Ruleset;
      readonly lock: Lock;
      /** What differs from the lock before; all keys when there was none. */
      readonly changed: ChangedKeys;
      /** Whether this load has written the lock file. */
      readonly lockWritten: boolean;
      readonly warnings: readonly FileProblem[];
    }
  | { readonly ok: false; readonly problems: readonly FileProblem[] };

const ATTEMPTS = 10;

// A table that ends within two years is worth a word.
const ZONE_MARGIN = 2 * 365 * 86_400_000;

/**
 * Reads a flag file and its lock, and brings the lock up to date. Everyone who loads the same file beside the same lock gets
 * the same ruleset. Bad content and unreadable files are problems of the result; it does not reject for them.
 */
export async function loadFlagFile(path: string, options: LoadOptions = {}): Promise<LoadResult> {
  const { now = Date.now(), bucketers } = options;
  for (let attempt = 1; ; attempt++) {
    const flagText = await readFlagText(path);
    if (typeof flagText !== 'string') return { ok: false, problems: [flagText] };
    const lockText = await readLockText(lockPathOf(path));
    if (typeof lockText === 'object') return { ok: false, problems: [lockText] };
    const parsedLock = lockText === undefined ? undefined : parseLock(lockText, lockPathOf(path));
    const onDisk = parsedLock?.ok ? parsedLock.lock : undefined;
    const history = newest(onDisk, options.lock);
    const zones = options.renewZones ? new Map() : history?.zones;
    const parsed = parseFlagFile(flagText, {
      file: path,
      now,
      ...(zones && { zones }),
      ...(bucketers && { bucketers }),
    });
    const problems = [...(parsed.ok ? [] : parsed.problems), ...(parsedLock?.ok === false ? [parsedLock.problem] : [])];
    if (!parsed.ok || problems.length) return { ok: false, problems };
    const { environment } = parsed.entries;
    if (onDisk && onDisk.environment !== environment)
      return { ok: false, problems: [foreignLock(path, onDisk, environment)] };

    const previous = history?.environment === environment ? history : undefined;
    const locked = lockRuleset(parsed.entries, previous, { ...options, now });
    const text = formatLock(locked.lock);
    const warnings = [...parsed.warnings, ...zoneWarnings(path, locked.lock, now)];
    const unwritten: LoadResult = { ok: true, ...locked, lockWritten: false, warnings };
    if (text === lockText || options.write === false) return unwritten;
    try {
      if (await replaceText(lockPathOf(path), lockText, text)) return { ...unwritten, lockWritten: true };
      if (attempt < ATTEMPTS) continue;
      return { ...unwritten, warnings: [...warnings, unwrittenLock(path, 'other processes keep writing it')] };
    } catch (error) {
      return { ...unwritten, warnings: [...warnings, unwrittenLock(path, codeOf(error))] };
    }
  }
}

/** Of two locks of one history the later one; of two histories the one on disk. */
function newest(onDisk: Lock | undefined, held: Lock | undefined): Lock | undefined {
  if (!onDisk || !held) return onDisk ?? held;
  const isSameHistory = onDisk.epoch === held.epoch && onDisk.environment === held.environment;
  return isSameHistory && held.version > onDisk.version ? held : onDisk;
}

async function readFlagText(path: string): Promise<string | FileProblem> {
  const bad = (code: string, message: string, hint: string): FileProblem =>
    fileProblem('error', path, code, message, hint);
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES)
      return bad('LIMIT', 'The file is larger than 5 MiB.', 'Split it, or move long lists out of it.');
    const bytes = await readFile(path);
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return bad('FILE', 'The file is not encoded in UTF-8.', 'Save it as UTF-8.');
    const code = codeOf(error);
    if (code === 'ENOENT') return bad('FILE', 'There is no such file.', 'Check the path.');
    return bad('FILE', `The file cannot be read (${code}).`, 'Check that it is a file and may be read.');
  }
}

async function readLockText(path: string): Promise<string | undefined | FileProblem> {
  try {
    return await readIfPresent(path);
  } catch (error) {
    const message = `The lock file cannot be read (${codeOf(error)}).`;
    return fileProblem('error', path, 'LOCK', message, 'Check that it is a file and may be read.');
  }
}

function foreignLock(path: string, lock: Lock, environment: string): FileProblem {
  return fileProblem(
    'error',
    lockPathOf(path),
    'LOCK',
    `The lock file belongs to the environment ${JSON.stringify(lock.environment)}, the flags to ${JSON.stringify(environment)}.`,
    `Correct environment in ${basename(path)}, or give each environment a file of its own with its own lock.`,
  );
}

function unwrittenLock(path: string, why: string): FileProblem {
  return fileProblem(
    'warning',
    lockPathOf(path),
    'LOCK',
    `The lock file could not be written (${why}), so other processes cannot follow the versions given here.`,
    'Load the file once where its directory can be written, and deploy both files.',
  );
}

function zoneWarnings(path: string, lock: Lock, now: number): FileProblem[] {
  const warn = (message: string, hint: string): FileProblem =>
    fileProblem('warning', lockPathOf(path), 'ZONE', message, hint);
  const warnings: FileProblem[] = [];
  for (const [zone, table] of lock.zones) {
    if (endOfTable(table) - now < ZONE_MARGIN) {
      const end = new Date(endOfTable(table)).getUTCFullYear();
      warnings.push(
        warn(`The offsets of ${zone} are known until ${end} only.`, 'Renew the time zones of the lock file.'),
      );
    } else if (!agreesWithMachine(zone, table)) {
      const message = `The locked offsets of ${zone} are not those of this machine's time-zone data; the locked ones hold.`;
      warnings.push(warn(message, 'If a country has changed its clocks, renew the time zones where that is known.'));
    }
  }
  return warnings;
}
