import type { ClientOptions, FlagClient } from '@flags/sync';
import {
  createExposures,
  createFlagClient,
  createLoads,
  createSnapshots,
  createTimeWatch,
  describeProblem,
  FlagsError,
} from '@flags/sync';
import { createFileStore } from './cache.ts';
import { createSystemClock } from './clock.ts';
import { sha256Of } from './digest.ts';
import { createHttpTransport } from './transport.ts';

/** What a client in Node can be told. */
export interface NodeClientOptions extends ClientOptions {
  /**
   * File that keeps the rules for the next start, which then needs no network. Its directory is made, one level. One file for
   * each environment. It is read while the client is created; where its rules are older than the bootstrap's, those are used.
   */
  readonly cache?: string;
  /**
   * Further origins from which long rulesets may be fetched, such as `https://cdn.example.com`, when the relay points there. They
   * never get the key, and what they give has to have the SHA-256 that the relay announced.
   */
  readonly rulesetOrigins?: readonly string[];
}

/**
 * Creates a client and starts it: it connects in the background, and keeps its rules current until it is closed. It does
 * not keep the process alive; only a pending `ready()` does.
 *
 * @throws {FlagsError} `INVALID_OPTION`, naming the option and what to write instead.
 */
export function createClient<Types = FlagTypes>(options: NodeClientOptions): FlagClient<Types> {
  const cache: unknown = options?.cache;
  if (cache !== undefined && (typeof cache !== 'string' || cache === '' || cache.includes('\0'))) {
    throw new FlagsError(
      'INVALID_OPTION',
      'cache',
      'Option `cache` is no path of a file.',
      'Write it like "/var/cache/my-app/flags.json", or leave it out.',
    );
  }
  const origins: unknown = options?.rulesetOrigins ?? [];
  if (!Array.isArray(origins) || !origins.every((origin) => typeof origin === 'string' && isOrigin(origin))) {
    throw new FlagsError(
      'INVALID_OPTION',
      'rulesetOrigins',
      'Option `rulesetOrigins` is no list of origins.',
      'Write them like ["https://cdn.example.com"].',
    );
  }
  const ports = {
    transport: createHttpTransport(),
    clock: createSystemClock(),
    random: Math.random,
    createExposures,
    createTimeWatch,
    planLoad: createLoads(sha256Of, origins),
    createSnapshots: cache === undefined ? undefined : createSnapshots(createFileStore(cache), sha256Of),
  };
  return createFlagClient<Types>(options, ports, { describe: describeProblem });
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
