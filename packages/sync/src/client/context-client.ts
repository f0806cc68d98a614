import { isAffected } from '@flags/core';
import type { CompiledRuleset, EvaluationContext, Resolution } from '@flags/core';
import type { ClientStatus } from '../machine/status.ts';
import type { FlagClient } from './client.ts';
import type { FlagDefault, FlagDetails, FlagKey, FlagValue } from './flag-types.ts';
import { FlagsError } from './flags-error.ts';
import { guardLogger } from './guard-logger.ts';
import { createListeners } from './listeners.ts';
import type { Listener } from './listeners.ts';
import { SILENT } from './options.ts';
import type { Logger } from './ports.ts';
import type { Ready, ReadyOptions } from './ready.ts';
import { contextText, fingerprintOf, resolveOverlay, takeOverlay } from './values-bootstrap.ts';
import type { Overlay, ValuesBootstrap } from './values-bootstrap.ts';

/**
 * A client that holds the context: for a page, an app, one user at a time. Reads are from memory, do not throw and do not wait;
 * whatever goes wrong, the answer is the caller's default. Where flags are evaluated, here or by the relay, does not show.
 */
export interface ContextClient<Types = FlagTypes> {
  /** The flag's value, else the default. `null` as the default takes a value of any type. */
  value<Key extends FlagKey<Types>, const Default>(
    key: Key,
    defaultValue: FlagDefault<Types, Key, Default>,
  ): FlagValue<Types, Key, Default>;
  /** The same with variation, reason, rule, version, source and error code. */
  details<Key extends FlagKey<Types>, const Default>(
    key: Key,
    defaultValue: FlagDefault<Types, Key, Default>,
  ): FlagDetails<FlagValue<Types, Key, Default>>;
  /**
   * What `details()` gives, without counting as a read: for libraries that compute what may never be shown. Whoever then shows
   * it reads the flag.
   */
  peek<Key extends FlagKey<Types>, const Default>(
    key: Key,
    defaultValue: FlagDefault<Types, Key, Default>,
  ): FlagDetails<FlagValue<Types, Key, Default>>;
  /** Every flag, by key; empty before anything is known. */
  all(): Readonly<Record<string, Resolution>>;
  /** The context in use: the same object until `setContext`. */
  context(): EvaluationContext;
  /**
   * Reads for another context from now on; `null` is one that says nothing. It is copied, one level deep; one that says the
   * same changes nothing. Where flags are
   * evaluated here, reads answer for it at once. Resolves as `ready()` does, for the newest context. Rejects with a `FlagsError`
   * what is no object.
   */
  setContext(context: EvaluationContext | null | undefined): Promise<Ready>;
  /** Hears of every change of the rules, of the context and of the status. Returns how to stop. */
  subscribe(listener: Listener): () => void;
  /** Hears when what this flag serves could have changed. Returns how to stop. */
  subscribe(key: FlagKey<Types>, listener: Listener): () => void;
  /** Waits for the first answers, or for the reason why there are none. Never rejects. */
  ready(options?: ReadyOptions): Promise<Ready>;
  status(): ClientStatus;
  /** The rules in use, for `explain()`; `undefined` where there are none: before the first, or when the relay evaluates. */
  snapshot(): CompiledRuleset | undefined;
  /** Reports that something happened to the context's targeting key. `data` is flat and small. Never throws. */
  track(name: string, data?: Readonly<Record<string, string | number | boolean>>): void;
  /** Writes and sends what waits for its moment. Never rejects. */
  flush(): Promise<void>;
  /** Ends all traffic, after a last `flush()`. Reads go on with what is held. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a client that holds the context starts with. */
export interface ContextClientOptions {
  /** The context; one that says nothing by default. */
  readonly context?: EvaluationContext | undefined;
  /**
   * Values to serve until the first rules come from the network, or those at hand are confirmed; not for another context than
   * theirs. Flags they do not mention are read from the rules at hand.
   */
  readonly values?: ValuesBootstrap | undefined;
  readonly logger?: Logger | undefined;
}

/**
 * Holds the context for a client that evaluates here. The client is its own from now on: closing one closes the other.
 *
 * @throws {FlagsError} `INVALID_OPTION` when the context is no object.
 */
export function createContextClient<Types = FlagTypes>(
  given: FlagClient,
  { context: first, values, logger: told = SILENT }: ContextClientOptions = {},
): ContextClient<Types> {
  // Inside, keys are texts, whatever a program that reads these sources has declared.
  const client = given as unknown as FlagClient<object>;
  const logger = guardLogger(told);
  const listeners = createListeners(logger);
  let context = copyContext(first, 'INVALID_OPTION');
  const valuesFor = values && (values.context ?? fingerprintOf(context));
  let overlay: Overlay | undefined =
    values && valuesFor === fingerprintOf(context) ? takeOverlay(values, logger) : undefined;
  if (values && !overlay) logger.info('The bootstrap is not used: its values are for another context.');
  let rules = client.snapshot();

  /** Drops the overlay once the network has answered. Says whether it did so. */
  function isOverlayOver(): boolean {
    if (overlay === undefined) return false;
    const { source, stale } = client.status();
    if (source === undefined || (source !== 'network' && stale)) return false;
    overlay = undefined;
    return true;
  }
  isOverlayOver();

  // The first listener: whoever hears of a change reads what came after the overlay.
  const unsubscribe = client.subscribe((event) => {
    const before = rules;
    rules = client.snapshot();
    const after = rules;
    if (isOverlayOver()) listeners.replaced((key) => before !== after && !!after && isAffected(before, after, key));
    else if (event.type === 'change') listeners.replaced(() => true);
    if (event.type === 'status') listeners.status(status());
  });

  function subscribe(key: string, listener: Listener): () => void {
    // The client knows of rules and of time, and only here it is known of the context and the overlay.
    const stops = [client.subscribe(key, listener), listeners.add(key, listener)];
    return () => stops.forEach((stop) => stop());
  }

  function status(): ClientStatus {
    const known = client.status();
    return overlay === undefined ? known : { ...known, source: 'bootstrap' };
  }

  function value(key: string, defaultValue: unknown): unknown {
    const known = overlay?.get(key);
    return known ? resolveOverlay(known, defaultValue).value : client.value(key, defaultValue, context);
  }

  const reader =
    (read: typeof client.details) =>
    (key: string, defaultValue: unknown): FlagDetails<unknown> => {
      const known = overlay?.get(key);
      if (known) return { ...resolveOverlay(known, defaultValue), source: 'bootstrap', stale: client.status().stale };
      return read(key, defaultValue, context);
    };

  function all(): Readonly<Record<string, Resolution>> {
    const known = client.all(context);
    if (overlay === undefined) return known;
    const merged = Object.assign(Object.create(null) as Record<string, Resolution>, known);
    for (const [key, resolution] of overlay) merged[key] = resolution;
    return merged;
  }

  const ready = (options?: ReadyOptions): Promise<Ready> =>
    overlay === undefined ? client.ready(options) : Promise.resolve({ source: 'bootstrap' });

  async function setContext(next: EvaluationContext | null | undefined): Promise<Ready> {
    const copy = copyContext(next, 'INVALID_ARGUMENT');
    const text = contextText(copy);
    if (text === undefined || text !== contextText(context)) {
      context = copy;
      if (overlay && !rules)
        logger.info('Defaults are served until rules come: the bootstrap is for the last context.');
      overlay = undefined;
      // Anything may be different for someone else.
      listeners.replaced();
    }
    return ready();
  }

  async function close(): Promise<void> {
    await client.close();
    unsubscribe();
  }

  const held = {
    value,
    details: reader(client.details),
    peek: reader(client.peek),
    all,
    context: () => context,
    setContext,
    subscribe: (one: string | Listener, two?: Listener) =>
      typeof one === 'string' ? subscribe(one, two as Listener) : listeners.add(undefined, one),
    ready,
    status,
    snapshot: () => client.snapshot(),
    track: (name: string, data?: Readonly<Record<string, string | number | boolean>>) =>
      client.track(name, context, data),
    flush: () => client.flush(),
    close,
    [Symbol.asyncDispose]: close,
  };
  // As with the client below: the types of keys and values are for callers.
  return held as unknown as ContextClient<Types>;
}

/** A copy, so that what the caller does to the object later changes no answer unnoticed. Throws what is no object. */
export function copyContext(context: unknown, code: 'INVALID_OPTION' | 'INVALID_ARGUMENT'): EvaluationContext {
  if (context === undefined || context === null) return Object.freeze({});
  if (typeof context !== 'object' || Array.isArray(context)) {
    throw new FlagsError(code, 'context', 'The context is no object.', "Pass { targetingKey: 'user-42', … }, or null.");
  }
  return Object.freeze({ ...context });
}
