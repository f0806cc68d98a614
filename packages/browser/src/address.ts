import { FlagsError } from '@flags/sync';

/**
 * Refuses a `url` that no browser could ask. What else is wrong with options is seen later.
 *
 * @throws {FlagsError} `INVALID_OPTION`
 */
export function checkAddress<Options extends { readonly url?: string }>(options: Options): Options {
  const url: unknown = options?.url;
  if (typeof url !== 'string' || url === '' || URL.canParse(url)) return options ?? ({} as Options);
  throw new FlagsError(
    'INVALID_OPTION',
    'url',
    'Option `url` is no address.',
    'Write it like "https://flags.example.com".',
  );
}
