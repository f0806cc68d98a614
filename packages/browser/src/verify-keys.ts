import type { CreateVerifier, PinOptions } from '@flags/sync';
import { pinWebKeys } from '@flags/sync';

/**
 * Pins Ed25519 public keys, for the option `verify`: nothing is used that the holder of one of them has not signed. Several, so
 * that a key can be changed without a gap: pin the new one first, then sign with it. Needs a secure origin and a browser that has
 * Ed25519 (Chromium 137, Firefox 129, Safari 17); elsewhere nothing verifies, and `status().reason` is `integrity`.
 *
 * @param keys PEM, or the 43 characters of base64url that `flags-relay` logs at start.
 * @throws {FlagsError} `INVALID_OPTION` when one of them is no Ed25519 public key, or there is none.
 */
export function verifyKeys(keys: readonly string[], options: PinOptions = {}): CreateVerifier {
  return pinWebKeys(keys, options, () => globalThis.crypto.subtle);
}
