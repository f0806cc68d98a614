import { EPOCH } from './epoch.ts';
import type { Lock, LockedEntry } from './lock.ts';
import { type FileProblem, fileProblem } from './problem.ts';
import type { ZoneTable } from './zone.ts';

/** The text of a lock file: sorted, one line an entry, so that it is easy to compare and to merge. */
export function formatLock(lock: Lock): string {
  const { environment, epoch, version, flags, segments, zones } = lock;
  const entry = ({ version: at, digest }: LockedEntry): string => `{ "version": ${at}, "digest": "${digest}" }`;
  const zone = (table: ZoneTable): string =>
    block(new Map(table.map(([at, minutes]) => [new Date(at).toISOString(), minutes])), String, '    ');
  const members = new Map([
    ['lock', '1'],
    ['environment', JSON.stringify(environment)],
    ['epoch', JSON.stringify(epoch)],
    ['version', String(version)],
    ['flags', block(flags, entry, '  ')],
    ['segments', block(segments, entry, '  ')],
    ['zones', block(zones, zone, '  ')],
  ]);
  return `{\n${[...members].map(([name, text]) => `  ${JSON.stringify(name)}: ${text}`).join(',\n')}\n}\n`;
}

function block<Value>(values: ReadonlyMap<string, Value>, format: (value: Value) => string, indent: string): string {
  if (!values.size) return '{}';
  const keys = [...values.keys()].sort();
  const lines = keys.map((key) => `${indent}  ${JSON.stringify(key)}: ${format(values.get(key)!)}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

/** Either the lock, or why the text is none. */
export type ParsedLock =
  | { readonly ok: true; readonly lock: Lock }
  | { readonly ok: false; readonly problem: FileProblem };

const RESTORE =
  'Restore it from version control. Only if it is lost, delete it: a new history begins, and every client fetches everything once.';

type Raw = Readonly<Record<string, unknown>>;

class Unusable extends Error {}

/** Reads the text of a lock file. */
export function parseLock(text: string, file: string): ParsedLock {
  const bad = (message: string, hint = RESTORE): ParsedLock => ({
    ok: false,
    problem: fileProblem('error', file, 'LOCK', message, hint),
  });
  if (/^(<{7}|>{7}) /m.test(text)) {
    return bad(
      'The lock file has merge conflicts.',
      'Keep the side with the higher version; the next load brings it up to date.',
    );
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return bad('The lock file is no JSON.');
  }
  if (!isRaw(raw) || !('lock' in raw)) return bad('This is no lock file.');
  if (raw['lock'] !== 1)
    return bad('The lock file is of an unknown format.', 'Update @flags/config: a newer version wrote it.');
  try {
    return { ok: true, lock: readLock(raw) };
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    return bad(`The lock file is damaged: ${error.message}.`);
  }
}

function readLock(raw: Raw): Lock {
  const { environment, epoch, version } = raw;
  if (typeof environment !== 'string') throw new Unusable('environment is no text');
  if (typeof epoch !== 'string' || !EPOCH.test(epoch)) throw new Unusable('epoch is none');
  // The next one has to be exact too, or readers refuse every flag that has it.
  if (!isVersion(version, Number.MAX_SAFE_INTEGER - 1)) throw new Unusable('version is no positive integer');
  const entry = (value: unknown, name: string): LockedEntry => {
    const digest = isRaw(value) ? value['digest'] : undefined;
    const at = isRaw(value) ? value['version'] : undefined;
    if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) throw new Unusable(`${name} has no digest`);
    if (!isVersion(at, version)) throw new Unusable(`${name} has no version up to ${version}`);
    return { version: at, digest };
  };
  const [flags, segments] = [readMap(raw, 'flags', entry), readMap(raw, 'segments', entry)];
  return { environment, epoch, version, flags, segments, zones: readMap(raw, 'zones', readZone) };
}

function readZone(value: unknown, name: string): ZoneTable {
  if (!isRaw(value) || !Object.keys(value).length) throw new Unusable(`${name} has no offsets`);
  return Object.entries(value)
    .map(([at, minutes]): readonly [number, number] => {
      const from = Date.parse(at);
      if (Number.isNaN(from) || !Number.isInteger(minutes))
        throw new Unusable(`${name} has a bad offset at ${JSON.stringify(at)}`);
      return [from, minutes as number];
    })
    .sort(([a], [b]) => a - b);
}

function readMap<Value>(
  raw: Raw,
  member: string,
  read: (value: unknown, name: string) => Value,
): ReadonlyMap<string, Value> {
  const value = raw[member];
  if (!isRaw(value)) throw new Unusable(`${member} is no object`);
  return new Map(Object.entries(value).map(([key, item]) => [key, read(item, `${member} ${JSON.stringify(key)}`)]));
}

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isVersion(value: unknown, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= max;
}
