import { createExposures, createValuesCache, createValuesClient, isValuesBootstrap } from '@flags/sync';
import type { ContextClient, CreateExposures, CreateValuesCache, ValuesClient, ValuesClientOptions } from '@flags/sync';
import { readPageBootstrap } from '../bootstrap.ts';
import { createPageClock } from '../clock.ts';
import { createPageLife } from '../page-life.ts';
import { refuseSecretKey } from '../page-key.ts';
import type { ShareStream } from '../tabs.ts';
import { createFetchTransport } from '../transport.ts';
import { createWakingTransport } from '../wake.ts';
import { shareStream } from './share-stream.ts';

/** What a client in a browser can be told for which the relay evaluates. */
export interface RemoteClientOptions extends Omit<ValuesClientOptions, 'values'> {
  /**
   * What to start with: values that a server computed, as parsed JSON. By default what stands in `window.__FLAG_BOOTSTRAP__`;
   * `null` for nothing.
   */
  readonly bootstrap?: unknown;
}

/** Parts that a page may leave out; a bundle pays only for those it imports. */
export interface RemoteParts {
  /** Keeps the values for the next page: `valuesCache()`. */
  readonly cache?: CreateValuesCache;
  /** Lets all tabs that read for the same context share one connection: `shareStream`. */
  readonly tabs?: ShareStream<ValuesClient>;
  /** Reports what is read: `createExposures`. */
  readonly exposures?: CreateExposures;
}

/**
 * Keeps values in `localStorage`, so that the next page starts with them: those of the last four contexts, up to half a million
 * characters.
 *
 * @param name What the place's name begins with.
 */
export function valuesCache(name: string = 'flags'): CreateValuesCache {
  return createValuesCache(() => globalThis.localStorage, name);
}

/**
 * Creates a client with every part and starts it: the relay evaluates for the context, which is sent there, and streams values
 * alone; rules never reach the page.
 *
 * @throws {FlagsError} `INVALID_OPTION`, naming the option and what to write instead.
 */
export function createClient<Types = FlagTypes>(options: RemoteClientOptions): ContextClient<Types> {
  return createBareClient<Types>(options, { cache: valuesCache(), tabs: shareStream, exposures: createExposures });
}

/**
 * Creates a client with the parts that are given, and starts it.
 *
 * @throws {FlagsError} `INVALID_OPTION`, naming the option and what to write instead.
 */
export function createBareClient<Types = FlagTypes>(
  options: RemoteClientOptions,
  parts: RemoteParts = {},
): ContextClient<Types> {
  refuseSecretKey(options);
  const { bootstrap = readPageBootstrap(), ...others } = options ?? {};
  const life = createPageLife();
  const clock = createPageClock(life);
  const own: { client?: ValuesClient } = {};
  const direct = createFetchTransport();
  const tabs = parts.tabs?.({ transport: direct, clock, life, client: () => own.client });
  const made = createValuesClient<Types>(
    { ...others, values: isValuesBootstrap(bootstrap) ? bootstrap : undefined },
    {
      transport: createWakingTransport(tabs?.transport ?? direct, life),
      clock,
      random: Math.random,
      createCache: parts.cache,
      createExposures: parts.exposures,
      onWake: life.onWake,
    },
  );
  own.client = made as unknown as ValuesClient;
  // The page may end without another word.
  life.onHide(() => void made.flush());
  const close = async (): Promise<void> => {
    await made.close();
    tabs?.stop();
    life.stop();
  };
  return { ...made, close, [Symbol.asyncDispose]: close };
}
