import type { Flag, FlagType, Variation } from '@flags/core';
import { problemOf } from '@flags/core';
import type { ContextClient, FlagDetails } from '@flags/sync';
import { describe, explain } from '@flags/core/explain';
import type { OverrideLayer } from './override-layer.ts';

/** A flag as the panel shows it. */
export interface FlagFacts {
  readonly key: string;
  /** What the client gives: what is read where no override stands before it. */
  readonly served: FlagDetails<unknown>;
  /** What components read. */
  readonly value: unknown;
  /** The variation that components read, if it is one. */
  readonly variant: string | undefined;
  readonly isOverridden: boolean;
  /** Whether a mounted component reads it. */
  readonly isRead: boolean;
  /** `undefined` for a flag that is not known. */
  readonly type: FlagType | undefined;
  /** Empty where the page has no rules. */
  readonly variations: readonly Variation[];
}

/** Every flag that there is, is read or is overridden, by key. */
export function listFlags(layer: OverrideLayer): readonly FlagFacts[] {
  const client = layer.client();
  if (!client) return [];
  const rules = client.snapshot();
  const overrides = layer.overrides();
  const read = new Set(layer.readKeys());
  const keys = new Set([...Object.keys(client.all()), ...(rules?.flags.keys() ?? []), ...read, ...overrides.keys()]);
  return Array.from(keys)
    .sort()
    .map((key) => {
      const served = client.peek(key as never, null as never) as FlagDetails<unknown>;
      const override = overrides.get(key);
      const sound = rules?.flags.has(key) && problemOf(rules, key) === undefined ? rules.flags.get(key) : undefined;
      const flag = sound as Flag | undefined;
      return {
        key,
        served,
        value: override ? override.value : served.value,
        variant: override ? override.variant : served.variant,
        isOverridden: override !== undefined,
        isRead: read.has(key),
        type: flag ? flag.type : typeOf(served),
        variations: flag ? flag.variations : [],
      };
    });
}

function typeOf({ value, errorCode }: FlagDetails<unknown>): FlagType | undefined {
  const type = typeof value;
  if (type === 'boolean' || type === 'string' || type === 'number') return type;
  return type === 'object' && value !== null && errorCode === undefined ? 'object' : undefined;
}

/** Why a flag is served what it is: lines of text, or a sentence that says why there are none. */
export type Trace =
  | { readonly type: 'lines'; readonly lines: readonly string[]; readonly outcome: unknown }
  | { readonly type: 'none'; readonly why: string };

/** Traces a flag for the context that the client holds, by the clock of this machine. */
export function traceFlag(client: ContextClient, { key, served }: FlagFacts): Trace {
  const rules = client.snapshot();
  const { source, state } = client.status();
  if (source === undefined) return { type: 'none', why: `There are no flags yet: the client is ${state}.` };
  if (source === 'bootstrap' && (rules === undefined || served.reason === 'UNKNOWN')) {
    return {
      type: 'none',
      why: 'The page brought this value along: its server evaluated it, and the rules are not in the page.',
    };
  }
  if (rules === undefined) {
    return {
      type: 'none',
      why: 'This client is given values: the relay evaluates, and the rules are not in the page.',
    };
  }
  const explanation = explain(rules, key, client.context(), Date.now());
  return { type: 'lines', lines: describe(explanation).split('\n'), outcome: explanation.outcome.value };
}
