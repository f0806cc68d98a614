import type { CreateVerifier, PinOptions } from './pinned-keys.ts';
import { pinKeys } from './pinned-keys.ts';

/** The part of Web Crypto's `SubtleCrypto` that checks signatures. */
export interface WebCrypto<Key = unknown> {
  digest(algorithm: 'SHA-256', data: Bytes): Promise<ArrayBuffer>;
  importKey(
    format: 'jwk',
    key: { readonly kty: string; readonly crv: string; readonly x: string },
    algorithm: 'Ed25519',
    extractable: false,
    usages: ['verify'],
  ): Promise<Key>;
  verify(algorithm: 'Ed25519', key: Key, signature: Bytes, data: Bytes): Promise<boolean>;
}

type Bytes = Uint8Array<ArrayBuffer>;

// As with `TextDecoder`: every runtime has them, and neither is I/O or state of the platform.
declare const TextEncoder: new () => { encode(text: string): Bytes };
declare const atob: (base64: string) => string;

/**
 * Pins keys where the platform has Web Crypto.
 *
 * @param crypto Asked for at each use: where there is none, or no Ed25519, nothing verifies.
 * @throws {FlagsError} `INVALID_OPTION` when one of them is no Ed25519 public key, or there is none.
 */
export function pinWebKeys<Key>(
  keys: readonly string[],
  options: PinOptions,
  crypto: () => WebCrypto<Key>,
): CreateVerifier {
  const sha256 = async (text: string): Promise<string> => {
    const hash = await crypto().digest('SHA-256', new TextEncoder().encode(text));
    return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
  };
  const isSigned = async (publicKey: string, text: string, signature: string): Promise<boolean> => {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: publicKey };
    const key = await crypto().importKey('jwk', jwk, 'Ed25519', false, ['verify']);
    return crypto().verify('Ed25519', key, bytesOf(signature), new TextEncoder().encode(text));
  };
  return pinKeys(keys, options, { sha256, isSigned });
}

function bytesOf(base64url: string): Bytes {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
