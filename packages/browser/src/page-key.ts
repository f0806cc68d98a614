import { FlagsError } from '@flags/sync';

/**
 * Refuses a key that would be a secret no more once it stands in a page. Keys without a prefix, which relays take too, cannot be told.
 *
 * @throws {FlagsError} `INVALID_OPTION` for a server's or an admin's key.
 */
export function refuseSecretKey(options: { readonly key?: unknown } | undefined): void {
  const key = options?.key;
  if (typeof key !== 'string' || !/^(sk|ad)_/.test(key)) return;
  throw new FlagsError(
    'INVALID_OPTION',
    'key',
    'Option `key` is a secret one, and pages are public.',
    'Pass a key `ck_…`.',
  );
}
