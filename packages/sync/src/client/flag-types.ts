import type { EvaluationContext, Resolution } from '@flags/core';
import type { Source } from '../machine/state.ts';

declare global {
  /**
   * Declare your flags here once, and keys, defaults and values are checked everywhere:
   * `declare global { interface FlagTypes { 'new-checkout': boolean; theme: 'light' | 'dark' } }`.
   * It is global because the same declaration serves every package, whichever of them you import from.
   */
  interface FlagTypes {}
}

/** The keys that may be read: the declared ones, or any while nothing is declared. */
export type FlagKey<Types = FlagTypes> = [keyof Types] extends [never] ? string : Extract<keyof Types, string>;

/** What may stand in for a flag's value: its declared type or `null`, or anything. */
export type FlagDefault<Types, Key, Default> = Key extends keyof Types
  ? Default extends null
    ? null
    : Types[Key]
  : Default;

/** What a read gives: the declared type, or the `null` given as default; else the default's type, not narrowed to the literal. */
export type FlagValue<Types, Key, Default> = Key extends keyof Types
  ? Types[Key] | (Default extends null ? null : never)
  : Widened<Default>;

type Widened<Value> = Value extends boolean
  ? boolean
  : Value extends string
    ? string
    : Value extends number
      ? number
      : Value extends null
        ? unknown
        : Value;

/** A read with everything there is to know about it. */
export interface FlagDetails<Value> extends Resolution<Value> {
  /** Where the rules came from; `undefined` before there are any. */
  readonly source: Source | undefined;
  /** The rules may be out of date: the client is not in touch with the server. */
  readonly stale: boolean;
}

/** Reads flags. No read throws or waits; whatever goes wrong, the answer is the caller's default. */
export interface FlagReader<Types = FlagTypes> {
  /** The flag's value for the context, else the default. `null` as the default takes a value of any type. */
  value<Key extends FlagKey<Types>, const Default>(
    key: Key,
    defaultValue: FlagDefault<Types, Key, Default>,
    context?: EvaluationContext,
  ): FlagValue<Types, Key, Default>;
  /** The same with variation, reason, rule, version, source and error code. */
  details<Key extends FlagKey<Types>, const Default>(
    key: Key,
    defaultValue: FlagDefault<Types, Key, Default>,
    context?: EvaluationContext,
  ): FlagDetails<FlagValue<Types, Key, Default>>;
  /** Every flag for the context, by key; empty before there are rules. */
  all(context?: EvaluationContext): Readonly<Record<string, Resolution>>;
}
