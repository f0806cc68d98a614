import type { EvaluationContext } from '@flags/core';
import { evaluate } from '@flags/core';
import type { FlagClient, FlagDefault, FlagDetails, FlagKey, FlagValue, ValuesBootstrap } from '@flags/sync';
import { createBootstrap } from '@flags/sync';

/** How a request's flags are evaluated. */
export interface RequestFlagsOptions {
  /** Only these go into the bootstrap; all that browsers may see by default. */
  readonly keys?: readonly FlagKey[] | undefined;
  /** Whether the bootstrap says why, so that `useFlagDetails` does on the page: reasons, versions and rules; no by default. */
  readonly details?: boolean | undefined;
  /** How long to wait for the first rules, in milliseconds; 2 000 by default. A client that has rules is not waited for. */
  readonly timeoutMs?: number | undefined;
  /** The time of the request, epoch milliseconds; now by default. */
  readonly now?: number | undefined;
}

/** Every flag for one request: one state of the rules, one context, one moment, so that the parts of a page agree. */
export interface RequestFlags {
  /** The flag's value for the request, else the default. Counted as read, once. */
  value<Key extends FlagKey, const Default>(
    key: Key,
    defaultValue: FlagDefault<FlagTypes, Key, Default>,
  ): FlagValue<FlagTypes, Key, Default>;
  /** The same with variation, reason, rule, version, source and error code. */
  details<Key extends FlagKey, const Default>(
    key: Key,
    defaultValue: FlagDefault<FlagTypes, Key, Default>,
  ): FlagDetails<FlagValue<FlagTypes, Key, Default>>;
  /** What client components render with and the page brings along: for `FlagProvider` and `BootstrapScript`. JSON. */
  readonly bootstrap: ValuesBootstrap;
}

/**
 * Evaluates for a request. For server components too: nothing of it reaches the browser but what you pass on. In React 19,
 * `cache(() => requestFlags(flags, …))` of `react` gives every component of a request the same. Never rejects.
 *
 * @param client The client of your server, one for all requests: `createClient` of `@flags/node`.
 */
export async function requestFlags(
  client: FlagClient,
  context: EvaluationContext,
  { keys, details: isDetailed, timeoutMs = 2_000, now = Date.now() }: RequestFlagsOptions = {},
): Promise<RequestFlags> {
  await client.ready({ timeoutMs });
  const ruleset = client.snapshot();
  const { source, stale } = client.status();
  const counted = new Set<string>();

  function details(key: string, defaultValue: unknown): FlagDetails<unknown> {
    if (!counted.has(key)) {
      counted.add(key);
      client.value(key as never, defaultValue as never, context);
    }
    if (ruleset === undefined) return client.peek(key as never, defaultValue as never, context);
    return { ...evaluate(ruleset, key, context, defaultValue, now), source, stale };
  }

  const flags = {
    value: (key: string, defaultValue: unknown) => details(key, defaultValue).value,
    details,
    bootstrap: createBootstrap(ruleset, context, now, { keys, details: isDetailed }),
  };
  // The types of keys and values are for callers, as with every client.
  return flags as unknown as RequestFlags;
}
