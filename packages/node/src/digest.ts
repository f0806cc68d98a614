import { createHash } from 'node:crypto';

/**
 * SHA-256 (hex) of the canonical form of a JSON object without its members `version` and `digest`: the digest that flags and
 * segments carry. Takes what `JSON.parse` gives.
 */
export function digestOf(entry: object): string {
  const { version: _version, digest: _digest, ...content } = entry as Readonly<Record<string, unknown>>;
  return createHash('sha256').update(canonicalize(content)).digest('hex');
}

/**
 * RFC 8785: members sorted by UTF-16 code units, which is how `sort` sorts; numbers and strings as `JSON.stringify` writes
 * them, which is where the RFC has their form from.
 */
function canonicalize(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalize).join()}]`;
  const object = value as Readonly<Record<string, unknown>>;
  const members = Object.keys(object)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalize(object[name])}`);
  return `{${members.join()}}`;
}
