import type {
  ClientOptions,
  ContextClient,
  CreateExposures,
  CreateSnapshots,
  CreateTimeWatch,
  FlagClient,
} from '@flags/sync';
import {
  createContextClient,
  createExposures,
  createFlagClient,
  createTimeWatch,
  isValuesBootstrap,
} from '@flags/sync';
import type { EvaluationContext } from '@flags/core';
import { readPageBootstrap } from './bootstrap.ts';
import { localCache } from './cache.ts';
import { createPageClock } from './clock.ts';
import { createPageLife } from './page-life.ts';
import { refuseSecretKey } from './page-key.ts';
import { shareStream } from './share-stream.ts';
import type { ShareStream } from './tabs.ts';
import { createFetchTransport } from './transport.ts';
import { createWakingTransport } from './wake.ts';

/** What a client in a browser can be told. */
export interface BrowserClientOptions extends ClientOptions {
  /** Who or what flags are evaluated for; one that says nothing by default. `setContext` changes it. */
  readonly context?: EvaluationContext;
  /**
   * What to start with: values that a server computed, or rules, as parsed JSON. By default what stands in
   * `window.__FLAG_BOOTSTRAP__`; `null` for nothing.
   */
  readonly bootstrap?: unknown;
}

/** Parts that a page may leave out; a bundle pays only for those it imports. */
export interface BrowserParts {
  /** Keeps the rules for the next page: `localCache()`. */
  readonly cache?: CreateSnapshots;
  /** Lets all tabs share one connection: `shareStream`. */
  readonly tabs?: ShareStream<FlagClient>;
  /** Reports what is read: `createExposures`. */
  readonly exposures?: CreateExposures;
  /** Tells listeners when time alone may have changed an answer: `createTimeWatch`. Reads do not need it. */
  readonly time?: CreateTimeWatch;
}

/**
 * Creates a client with every part and starts it: it connects in the background, shares its connection with other tabs, keeps the
 * rules for the next page, reports what is read, and tells listeners when time alone changes an answer.
 *
 * @throws {FlagsError} `INVALID_OPTION`, naming the option and what to write instead.
 */
export function createClient<Types = FlagTypes>(options: BrowserClientOptions): ContextClient<Types> {
  return createBareClient<Types>(options, {
    cache: localCache(),
    tabs: shareStream,
    exposures: createExposures,
    time: createTimeWatch,
  });
}

/**
 * Creates a client with the parts that are given, and starts it.
 *
 * @throws {FlagsError} `INVALID_OPTION`, naming the option and what to write instead.
 */
export function createBareClient<Types = FlagTypes>(
  options: BrowserClientOptions,
  parts: BrowserParts = {},
): ContextClient<Types> {
  refuseSecretKey(options);
  const { context, bootstrap = readPageBootstrap(), ...others } = options ?? {};
  const values = isValuesBootstrap(bootstrap) ? bootstrap : undefined;
  const life = createPageLife();
  const clock = createPageClock(life);
  const own: { client?: FlagClient } = {};
  const direct = createFetchTransport();
  const tabs = parts.tabs?.({ transport: direct, clock, life, client: () => own.client });
  const made = createFlagClient(
    { ...others, bootstrap: values ? undefined : bootstrap },
    {
      transport: createWakingTransport(tabs?.transport ?? direct, life),
      clock,
      random: Math.random,
      createSnapshots: parts.cache,
      createExposures: parts.exposures,
      createTimeWatch: parts.time,
      onWake: life.onWake,
    },
  );
  own.client = made;
  // The page may end without another word.
  life.onHide(() => void made.flush());
  const held = createContextClient<Types>(made, { context, values, logger: options.logger });
  const close = async (): Promise<void> => {
    await held.close();
    tabs?.stop();
    life.stop();
  };
  return { ...held, close, [Symbol.asyncDispose]: close };
}
