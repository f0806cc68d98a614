import type { ClientOptions, FlagClient } from '@flags/sync';
import { createFlagClient, FlagsError } from '@flags/sync';
import { createSystemClock } from './clock.ts';
import { createHttpTransport } from './transport.ts';

/**
 * Creates a client and starts it: it connects in the background, and keeps its rules current until it is closed. It does
 * not keep the process alive; only a pending `ready()` does.
 *
 * @throws {FlagsError} `INVALID_OPTION`, naming the option and what to write instead.
 */
export function createClient<Types = FlagTypes>(options: ClientOptions): FlagClient<Types> {
  const url: unknown = options?.url;
  if (typeof url === 'string' && url !== '' && !URL.canParse(url)) {
    throw new FlagsError(
      'INVALID_OPTION',
      'url',
      'Option `url` is no address.',
      'Write it like "https://flags.example.com".',
    );
  }
  return createFlagClient<Types>(options, {
    transport: createHttpTransport(),
    clock: createSystemClock(),
    random: Math.random,
  });
}
