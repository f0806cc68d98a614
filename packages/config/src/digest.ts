import { createHash } from 'node:crypto';
import { canonicalize } from './canonical.ts';

/**
 * SHA-256 (hex) of the canonical form (RFC 8785) of a flag or segment without its `version` and `digest`: the same for
 * entries that mean the same, whatever the order of their members.
 */
export function digestOf(entry: object): string {
  const { version: _version, digest: _digest, ...content } = entry as Readonly<Record<string, unknown>>;
  return createHash('sha256').update(canonicalize(content)).digest('hex');
}
