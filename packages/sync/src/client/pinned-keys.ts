import type { Seal } from '@flags/core';
import { FlagsError } from './flags-error.ts';
import type { Pins, Verifier } from './verify.ts';
import { createVerifier } from './verify.ts';

/** Creates what checks everything that a client with this key is given. Each client has its own. */
export type CreateVerifier = (key: unknown) => Verifier;

/** What is insisted on beside the keys. */
export interface PinOptions {
  /** The environment the flags have to be of. Name it where one key signs several; when absent, that of the first flags. */
  readonly environment?: string;
  /** What the flags were signed as. When absent, `client` for keys that begin with `ck_`, else `server`. */
  readonly view?: Seal['view'];
}

// The first 12 of the 44 bytes that an Ed25519 key has as SubjectPublicKeyInfo (RFC 8410) are always these.
const PEM = /^-----BEGIN PUBLIC KEY-----MCowBQYDK2VwAyEA(.{43})=-----END PUBLIC KEY-----$/;
// 32 bytes: the last character stands for four bits.
const PUBLIC_KEY = /^[\w-]{42}[AEIMQUYcgkosw048]$/;

/** Reads an Ed25519 public key, PEM or bare, as the 43 characters of base64url that its 32 bytes have; `undefined` for anything else. */
export function parsePublicKey(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  const line = text
    .replace(/\s+/g, '')
    .replace('BEGINPUBLICKEY', 'BEGIN PUBLIC KEY')
    .replace('ENDPUBLICKEY', 'END PUBLIC KEY');
  const key = (PEM.exec(line)?.[1] ?? line).replaceAll('+', '-').replaceAll('/', '_');
  return PUBLIC_KEY.test(key) ? key : undefined;
}

/** What signatures call a public key: its first 16 characters. */
export function keyIdOf(publicKey: string): string {
  return publicKey.slice(0, 16);
}

/**
 * Pins public keys: a client that is given this uses nothing that none of them has signed.
 *
 * @throws {FlagsError} `INVALID_OPTION` when one of them is no Ed25519 public key, or there is none.
 */
export function pinKeys(
  keys: readonly string[],
  { environment, view }: PinOptions,
  ports: Pick<Pins, 'isSigned' | 'sha256'>,
): CreateVerifier {
  const pinned = new Map<string, string>();
  for (const text of Array.isArray(keys) ? keys : []) {
    const publicKey = parsePublicKey(text);
    if (publicKey === undefined) throw invalid(`Key ${pinned.size + 1} of \`verifyKeys\` is no Ed25519 public key.`);
    pinned.set(keyIdOf(publicKey), publicKey);
  }
  if (pinned.size === 0) throw invalid('`verifyKeys` got no key.');
  return (key) => {
    const isClientKey = typeof key === 'string' && key.startsWith('ck_');
    return createVerifier({ ...ports, environment, view: view ?? (isClientKey ? 'client' : 'server'), keys: pinned });
  };
}

function invalid(what: string): FlagsError {
  return new FlagsError(
    'INVALID_OPTION',
    'verify',
    what,
    'Pass PEM, or the 43 characters that the relay logs at start.',
  );
}
