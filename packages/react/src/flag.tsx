import type { ReactNode } from 'react';
import type { FlagKey, FlagValue } from '@flags/sync';
import { isSame } from './same.ts';
import { useFlag } from './use-flag.ts';

/** What to show, and when. */
export type FlagProps<Key extends FlagKey> = FlagMatch<FlagValue<FlagTypes, Key, unknown>> & {
  /** The flag's key. */
  readonly name: Key;
  /** Shown for any other value, and while nothing is known. */
  readonly fallback?: ReactNode;
  readonly children?: ReactNode;
};

/** The value to show the children for: `true` by default, so flags that are declared and never `true` need one. */
export type FlagMatch<Value> = true extends Value ? { readonly match?: Value } : { readonly match: Value };

/** Shows its children while a flag has a value, else the fallback. */
export function Flag<Key extends FlagKey>({ name, match, fallback, children }: FlagProps<Key>): ReactNode {
  const wanted: unknown = match === undefined ? true : match;
  const matches = useFlag(name, null as never, { select: (value: unknown) => isSame(value, wanted) });
  return matches ? children : fallback;
}
