import type { CompiledRuleset, CompileOptions } from '@flags/core';
import { compileRuleset } from '@flags/core';
import type { HeldState } from '../protocol/change.ts';
import { holdRuleset } from '../protocol/change.ts';
import { formatPosition, parsePosition } from '../protocol/position.ts';

type Members = Readonly<Record<string, unknown>>;

/** SHA-256 (hex) of the canonical form (RFC 8785) of a JSON object without its members `version` and `digest`. */
export type DigestOf = (entry: object) => string;

const KIND = 'flags-snapshot';
const VERSION = 1;

/**
 * Writes held rules as one text that a later run can start from.
 *
 * @param scope What the rules belong to; they are read back under the same scope only.
 */
export function formatSnapshot(held: HeldState, scope: string): string {
  const position = formatPosition(held.position);
  return JSON.stringify({ kind: KIND, version: VERSION, scope, position, ruleset: rulesetJsonOf(held.ruleset) });
}

/** The JSON that a ruleset was compiled from, changes included. */
export function rulesetJsonOf(compiled: CompiledRuleset): Readonly<Record<string, unknown>> {
  const { environment, epoch, version, flags, segments, seal } = compiled;
  const entries = { flags: Object.fromEntries(flags), segments: Object.fromEntries(segments) };
  return { format: 1, environment, epoch, version, ...entries, ...seal };
}

/**
 * Reads what `formatSnapshot` wrote, or says in a few words why it cannot be trusted. A file may have been cut, mixed up or
 * edited: every digest is computed anew, and the whole has to add up to the hash of its position.
 *
 * @param scope `undefined` takes rules of any scope.
 */
export function parseSnapshot(
  text: string,
  scope: string | undefined,
  digestOf: DigestOf,
  options: CompileOptions,
): HeldState | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'it is damaged: not JSON';
  }
  if (!isObject(json) || json['kind'] !== KIND) return 'it is no snapshot of flags';
  if (json['version'] !== VERSION) return 'it was written by another version of this library';
  if (scope !== undefined && json['scope'] !== scope) return 'it belongs to another url or key';
  const position = parsePosition(json['position']);
  const { ruleset } = json;
  if (position === undefined || !isObject(ruleset)) return 'it is damaged: rules or position are missing';
  const wrong = findWrongDigest(ruleset, digestOf);
  if (wrong !== undefined) return `it is damaged: the digest of ${wrong} does not fit`;
  const compiled = compileRuleset(ruleset, options);
  if (compiled.invalid !== undefined) return 'its rules are of a format this client does not know';
  const held = holdRuleset(compiled, position);
  return held.position.hash === position.hash ? held : 'it is damaged: the rules do not add up to their hash';
}

function findWrongDigest(ruleset: Members, digestOf: DigestOf): string | undefined {
  for (const kind of ['flags', 'segments'] as const) {
    const entries = ruleset[kind];
    if (!isObject(entries)) continue;
    for (const key of Object.keys(entries)) {
      const entry = entries[key];
      if (!isObject(entry) || !hasDigest(entry, digestOf)) return `${kind === 'flags' ? 'flag' : 'segment'} "${key}"`;
    }
  }
  return undefined;
}

function hasDigest(entry: Members, digestOf: DigestOf): boolean {
  try {
    return entry['digest'] === digestOf(entry);
  } catch {
    // Nested without end.
    return false;
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
