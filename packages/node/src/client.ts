import type { EvaluationContext } from '@flags/core';
import type { ClientOptions, CreateSegments, FlagClient } from '@flags/sync';
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
  /** `externalSegments(lookUp)`: who is in segments that are marked `external`, for `prepare()`. */
  readonly segments?: CreateSegments | undefined;
}

/** The client of a server: the context comes with each read. */
export interface NodeClient<Types = FlagTypes> extends FlagClient<Types> {
  /**
   * The context with the external segments that it is in, as `$segments`, for reads, which never wait. Asks only where the rules in use
   * have such segments; the same object where there is nothing to add. What could not be looked up counts as not held, and is listed
   * as `$unresolved`. Prepare a context for a request or a job, not for longer. Never rejects.
   */
  prepare(context?: EvaluationContext): Promise<EvaluationContext>;
}

/**
 * Creates a client and starts it: it connects in the background, and keeps its rules current until it is closed. It does
 * not keep the process alive; only a pending `ready()` does.
 *
 * @throws {FlagsError} `INVALID_OPTION`, naming the option and what to write instead.
 */
export function createClient<Types = FlagTypes>(options: NodeClientOptions): NodeClient<Types> {
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
  const create: unknown = options?.segments;
  if (create !== undefined && typeof create !== 'function') {
    throw new FlagsError(
      'INVALID_OPTION',
      'segments',
      'Option `segments` is wrong.',
      'Pass externalSegments(async ({ unit, segments }) => …), or leave it out.',
    );
  }
  const basics = { clock: createSystemClock(), random: Math.random };
  const ports = {
    ...basics,
    transport: createHttpTransport(),
    createExposures,
    createTimeWatch,
    loads: createLoads(sha256Of, origins),
    createSnapshots: cache === undefined ? undefined : createSnapshots(createFileStore(cache), sha256Of),
  };
  const client = createFlagClient<Types>(options, ports, { describe: describeProblem });
  const segments = options.segments?.({ ...basics, logger: options.logger });
  return {
    ...client,
    prepare: async (context = {}) => {
      const rules = client.snapshot();
      return rules === undefined || segments === undefined ? context : segments.resolve(rules, context);
    },
  };
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
