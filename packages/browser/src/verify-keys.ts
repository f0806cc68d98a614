import type { CreateVerifier, PinOptions } from '@flags/sync';
import { pinKeys } from '@flags/sync';

/**
 * Pins Ed25519 public keys, for the option `verify`: nothing is used that the holder of one of them has not signed. Several, so
 * that a key can be changed without a gap: pin the new one first, then sign with it. Needs a secure origin and a browser that has
 * Ed25519 (Chromium 137, Firefox 129, Safari 17); elsewhere nothing verifies, and `status().reason` is `integrity`.
 *
 * @param keys PEM, or the 43 characters of base64url that `flags-relay` logs at start.
 * @throws {FlagsError} `INVALID_OPTION` when one of them is no Ed25519 public key, or there is none.
 */
export function verifyKeys(keys: readonly string[], options: PinOptions = {}): CreateVerifier {
  return pinKeys(keys, options, { sha256, isSigned });
}

async function sha256(text: string): Promise<string> {
  const hash = await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function isSigned(publicKey: string, text: string, signature: string): Promise<boolean> {
  const { subtle } = globalThis.crypto;
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: publicKey };
  const key = await subtle.importKey('jwk', jwk, 'Ed25519', false, ['verify']);
  return subtle.verify('Ed25519', key, bytesOf(signature), new TextEncoder().encode(text));
}

function bytesOf(base64url: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
