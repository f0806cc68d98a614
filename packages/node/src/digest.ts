import { createHash } from 'node:crypto';
import { canonicalize } from '@flags/sync';

/**
 * SHA-256 (hex) of the canonical form of a JSON object without its members `version` and `digest`: the digest that flags and
 * segments carry. Takes what `JSON.parse` gives.
 */
export function digestOf(entry: object): string {
  const { version: _version, digest: _digest, ...content } = entry as Readonly<Record<string, unknown>>;
  return sha256Of(canonicalize(content));
}

/** SHA-256 (hex) of bytes, or of a text as UTF-8. */
export function sha256Of(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
