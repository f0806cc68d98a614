import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react';
import type { ContextClient } from '@flags/sync';
import { useSource } from './flag-context.ts';
import { isSame } from './same.ts';
import { LAYERED } from './source.ts';

/** What a component takes from a client. It must record nothing: what is rendered may never be shown. */
export type Read<Value> = (client: ContextClient) => Value;

/**
 * Reads from the provider's client and renders again when what is read says something else; while it says the same, it is the
 * same object.
 *
 * @param topics Flags to hear of; `null` is for everything but time.
 */
export function useReading<Value>(topics: readonly (string | null)[], read: Read<Value>): Value {
  const source = useSource();
  const subscribe = useCallback(
    (listener: () => void) => stopAll(topics.map((topic) => source.listen(topic ?? undefined, listener))),
    // Lists are new with each render, and mostly say the same.
    [source, JSON.stringify(topics)],
  );
  const shown = useRef<{ readonly value: Value }>(undefined);
  const keep = (client: () => ContextClient): (() => Value) => {
    let last: { readonly value: Value } | undefined;
    return () => {
      const next = read(client());
      const before = last ?? shown.current;
      last = before && isSame(before.value, next) ? before : { value: next };
      return last.value;
    };
  };
  const initial = (): ContextClient => source.initial;
  const value = useSyncExternalStore(subscribe, keep(source.client), keep(initial));
  useEffect(() => {
    shown.current = { value };
  });
  return value;
}

/**
 * The same for flags, and records that they were read: once what was read is on the page, again when it changes, and when a flag
 * changes without changing what was read, for then the new rules gave what is on the page.
 */
export function useFlagReading<Value>(
  keys: readonly string[],
  defaultOf: (key: string) => unknown,
  read: Read<Value>,
  topics: readonly (string | null)[] = keys,
): Value {
  const source = useSource();
  const value = useReading(topics, read);
  const recorded = useRef(new Map<string, unknown>());
  useEffect(() => {
    const stops = keys.map((key) => {
      const take = (method: 'peek' | 'value'): unknown =>
        source.client()[method](key as never, defaultOf(key) as never);
      const record = (): void => void recorded.current.set(key, take('value'));
      const { value: now } = take('peek') as { value: unknown };
      if (!recorded.current.has(key) || !isSame(recorded.current.get(key), now)) record();
      // Another answer is recorded once it is rendered.
      return source.listen(key, (news) => news !== LAYERED && isSame(read(source.client()), value) && record());
    });
    return stopAll(stops);
  }, [source, JSON.stringify(keys), value]);
  return value;
}

function stopAll(stops: readonly (() => void)[]): () => void {
  return () => stops.forEach((stop) => stop());
}
