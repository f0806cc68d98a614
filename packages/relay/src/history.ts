import type { ChangedKeys, Commit } from './changelog.ts';
import type { ViewName } from './view.ts';
import { VIEW_NAMES } from './view.ts';

/**
 * The states that an environment has passed through in one epoch, by view and oldest first: what another relay, or this one
 * after a restart, needs to resume clients that stand at them. Holds keys and hashes, no rules.
 */
export interface History {
  readonly epoch: string;
  readonly views: Readonly<Partial<Record<ViewName, readonly Commit[]>>>;
}

type Json = Readonly<Record<string, unknown>>;

/** Reads a history from untrusted JSON; `undefined` for anything that is none. What it says is checked when it is learned. */
export function parseHistory(json: unknown): History | undefined {
  if (!isObject(json) || typeof json['epoch'] !== 'string' || !isObject(json['views'])) return undefined;
  const views: Partial<Record<ViewName, readonly Commit[]>> = {};
  for (const name of VIEW_NAMES) {
    const listed = json['views'][name];
    if (listed === undefined) continue;
    const commits = parseCommits(listed);
    if (commits === undefined) return undefined;
    views[name] = commits;
  }
  return { epoch: json['epoch'], views };
}

function parseCommits(json: unknown): readonly Commit[] | undefined {
  if (!Array.isArray(json)) return undefined;
  const commits: Commit[] = [];
  let before = -1;
  for (const item of json as readonly unknown[]) {
    if (!isObject(item)) return undefined;
    const { version, hash } = item;
    const keys = parseKeys(item);
    if (keys === undefined || typeof hash !== 'string' || !/^[0-9a-f]{8}$/.test(hash)) return undefined;
    if (typeof version !== 'number' || !Number.isSafeInteger(version) || version <= before) return undefined;
    before = version;
    commits.push({ version, hash, ...keys });
  }
  return commits;
}

function parseKeys({ flags, segments }: Json): ChangedKeys | undefined {
  return isKeys(flags) && isKeys(segments) ? { flags, segments } : undefined;
}

function isKeys(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((key) => typeof key === 'string');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
