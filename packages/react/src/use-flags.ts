import type { FlagDefault, FlagKey, FlagValue } from '@flags/sync';
import { useFlagReading } from './use-reading.ts';

/** Defaults by key, each of its flag's type. */
export type FlagDefaults<Defaults> = {
  readonly [Key in keyof Defaults]: Key extends FlagKey ? FlagDefault<FlagTypes, Key, Defaults[Key]> : never;
};

/**
 * Several flags at once, by key: of a map of defaults their values, of a list of keys their values or `null`. The same object
 * until one of them changes.
 */
export function useFlags<const Key extends FlagKey>(
  keys: readonly Key[],
): { readonly [Each in Key]: FlagValue<FlagTypes, Each, null> | null };
export function useFlags<const Defaults extends Readonly<Record<string, unknown>>>(
  defaults: Defaults & FlagDefaults<Defaults>,
): { readonly [Key in keyof Defaults]: FlagValue<FlagTypes, Key, Defaults[Key]> };
export function useFlags(wanted: readonly string[] | Readonly<Record<string, unknown>>): unknown {
  const isList = Array.isArray(wanted);
  const keys = isList ? (wanted as readonly string[]) : Object.keys(wanted);
  const defaultOf = (key: string): unknown => (isList ? null : (wanted as Readonly<Record<string, unknown>>)[key]);
  return useFlagReading(keys, defaultOf, (client) =>
    // Own members, also of `__proto__`.
    Object.fromEntries(keys.map((key) => [key, client.peek(key as never, defaultOf(key) as never).value])),
  );
}
