import { Buffer } from 'node:buffer';
import type { CreateVerifier, PinOptions } from '@flags/sync';
import { pinKeys } from '@flags/sync';
import { builtin } from './builtin.ts';
import { sha256Of } from './digest.ts';

/**
 * Pins Ed25519 public keys, for the option `verify`: nothing is used that the holder of one of them has not signed. Several, so
 * that a key can be changed without a gap: pin the new one first, then sign with it.
 *
 * @param keys PEM, or the 43 characters of base64url that `flags-relay` logs at start.
 * @throws {FlagsError} `INVALID_OPTION` when one of them is no Ed25519 public key, or there is none.
 */
export function verifyKeys(keys: readonly string[], options: PinOptions = {}): CreateVerifier {
  return pinKeys(keys, options, { sha256: sha256Of, isSigned });
}

function isSigned(publicKey: string, text: string, signature: string): boolean {
  const { createPublicKey, verify } = builtin('node:crypto');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: publicKey }, format: 'jwk' });
  return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'));
}
