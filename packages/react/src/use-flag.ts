import type { FlagDefault, FlagDetails, FlagKey, FlagValue } from '@flags/sync';
import { useFlagReading } from './use-reading.ts';

/** What a component wants of a value. */
export interface UseFlagOptions<Value, Selected> {
  /** Takes from the value what the component shows: it renders again only when that changes. Pure; what it throws is thrown. */
  readonly select: (value: Value) => Selected;
}

/**
 * The flag's value, else the default; `null` as the default takes a value of any type. The component renders again when the
 * value changes, and for nothing else. Counted as read once it is on the page.
 */
export function useFlag<Key extends FlagKey, const Default>(
  key: Key,
  defaultValue: FlagDefault<FlagTypes, Key, Default>,
): FlagValue<FlagTypes, Key, Default>;
export function useFlag<Key extends FlagKey, const Default, Selected>(
  key: Key,
  defaultValue: FlagDefault<FlagTypes, Key, Default>,
  options: UseFlagOptions<FlagValue<FlagTypes, Key, Default>, Selected>,
): Selected;
export function useFlag(key: string, defaultValue: unknown, options?: UseFlagOptions<unknown, unknown>): unknown {
  return useFlagReading(
    [key],
    () => defaultValue,
    (client) => {
      const { value } = client.peek(key as never, defaultValue as never);
      return options ? options.select(value) : value;
    },
  );
}

/** The same with variation, reason, rule, version, source and error code. Renders again when any of them changes. */
export function useFlagDetails<Key extends FlagKey, const Default>(
  key: Key,
  defaultValue: FlagDefault<FlagTypes, Key, Default>,
): FlagDetails<FlagValue<FlagTypes, Key, Default>> {
  return useFlagReading(
    [key],
    () => defaultValue,
    (client) => client.peek(key, defaultValue),
    [key, null],
  );
}
