import type { CompiledRuleset, EvaluationContext, Resolution } from '@flags/core';
import { evaluate, evaluateAll, failedRead } from '@flags/core';
import type {
  BootstrapOptions,
  Exposures,
  FlagDefault,
  FlagDetails,
  FlagKey,
  FlagValue,
  HeldState,
  Source,
  ValuesBootstrap,
} from '@flags/sync';
import { createBootstrap } from '@flags/sync';

/** Every flag for one request: one state of the rules, one context, one moment. Reads do not throw and do not wait. */
export interface RequestFlags<Types = FlagTypes> {
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
  /** Every flag, by key; empty when nothing is known. Not counted as read. */
  all(): Readonly<Record<string, Resolution>>;
  /** What the page of this request brings along: for `renderBootstrap`. Flags that browsers may see, of `keys` when given; `details` say why. */
  bootstrap(options?: BootstrapOptions & { readonly keys?: readonly FlagKey<Types>[] | undefined }): ValuesBootstrap;
  /** Whom all of it is for. */
  readonly context: EvaluationContext;
  /** Reports that something happened to the context's targeting key. `data` is flat and small. Never throws. */
  track(name: string, data?: Readonly<Record<string, string | number | boolean>>): void;
}

/** What reads of one request are made from. */
export interface RequestState {
  readonly held: HeldState | undefined;
  readonly source: Source | undefined;
  readonly stale: boolean;
  readonly context: EvaluationContext;
  /** The same with the external segments that it is in. */
  readonly prepared: EvaluationContext;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly exposures: Pick<Exposures, 'record' | 'track'> | undefined;
}

/** Reads from what was held when the request came. */
export function createRequestFlags<Types>(state: RequestState): RequestFlags<Types> {
  const { held, source, stale, context, prepared, now, exposures } = state;
  const ruleset: CompiledRuleset | undefined = held?.ruleset;

  function details(key: string, defaultValue: unknown): FlagDetails<unknown> {
    if (ruleset === undefined) return { ...failedRead(defaultValue, 'PROVIDER_NOT_READY'), source, stale };
    const resolution = evaluate(ruleset, key, prepared, defaultValue, now);
    exposures?.record(key, context, resolution, ruleset);
    return { ...resolution, source, stale };
  }

  const flags = {
    value: (key: string, defaultValue: unknown) => details(key, defaultValue).value,
    details,
    all: () => (ruleset === undefined ? {} : evaluateAll(ruleset, prepared, now)),
    bootstrap: (options?: BootstrapOptions) => createBootstrap(ruleset, prepared, now, options),
    context,
    track: (name: string, data?: unknown) => exposures?.track(name, context, data),
  };
  // The types of keys and values are for callers, as with every client.
  return flags as unknown as RequestFlags<Types>;
}
