import type { CreateVerifier, PinOptions } from '@flags/sync';
import { pinWebKeys } from '@flags/sync';

/**
 * Pins Ed25519 public keys, for the option `verify`: nothing is used that the holder of one of them has not signed, whether the
 * relay, a KV store or the build brought it. Several, so that a key can be changed without a gap.
 *
 * @param keys PEM, or the 43 characters of base64url that `flags-relay` logs at start.
 * @throws {FlagsError} `INVALID_OPTION` when one of them is no Ed25519 public key, or there is none.
 */
export function verifyKeys(keys: readonly string[], options: PinOptions = {}): CreateVerifier {
  return pinWebKeys(keys, options, () => crypto.subtle);
}
