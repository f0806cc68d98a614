import type { EvaluationContext } from '@flags/core';
import type { CheckedOptions, ClientOptions, CreateSegments } from '@flags/sync';
import { FlagsError, parseOptions } from '@flags/sync';
import type { EdgeKv } from './kv.ts';
import type { Fetch } from './transport.ts';

/** What flags at the edge can be told. */
export interface EdgeOptions extends Omit<ClientOptions, 'mode'> {
  /** `poll` (the default): the relay is asked when nobody nearer knows; `offline`: stores and `bootstrap` are all there is. */
  readonly mode?: 'poll' | 'offline';
  /** The nearest store, such as one of this location. */
  readonly kv?: EdgeKv | undefined;
  /** A store behind it, the same everywhere. */
  readonly globalKv?: EdgeKv | undefined;
  /** How long rules count as current, in milliseconds, ± 20 %; 30 000 by default, at least 1 000. Older ones are served while new ones are fetched. */
  readonly ttlMs?: number | undefined;
  /** The longest a request waits, in milliseconds; 2 000 by default. Only the first ones of an isolate that knows nothing do. */
  readonly timeoutMs?: number | undefined;
  /** Makes requests to `url`; the runtime's own by default. For a service binding or a Durable Object: `(...args) => stub.fetch(...args)`. */
  readonly fetch?: Fetch | undefined;
  /** The context of a request; by default the anonymous id of its cookie, as `targetingKey` and `anonymousId`. */
  readonly context?: ContextOf | undefined;
  /** `externalSegments(lookUp)`: who is in segments that are marked `external`. Looked up before the flags of a request are there. */
  readonly segments?: CreateSegments | undefined;
}

/** Gives the context of a request. `anonymousId` is `undefined` for a visitor without one. */
export type ContextOf = (
  request: Request,
  anonymousId: string | undefined,
) => EvaluationContext | Promise<EvaluationContext>;

/** Options that have been checked. */
export interface CheckedEdgeOptions extends CheckedOptions {
  readonly stores: readonly EdgeKv[];
  readonly ttlMs: number;
  readonly timeoutMs: number;
  readonly fetch: Fetch;
  readonly context: ContextOf;
  readonly segments: CreateSegments | undefined;
}

const fetchOfRuntime: Fetch = (url, init) => fetch(url, init);

/** What everybody has who has said nothing else: nobody. */
const anonymousContext: ContextOf = (_request, anonymousId) =>
  anonymousId === undefined ? {} : { targetingKey: anonymousId, anonymousId };

/**
 * Checks the options.
 *
 * @throws {FlagsError} `INVALID_OPTION`, naming the option and what to write instead.
 */
export function parseEdgeOptions(options: EdgeOptions): CheckedEdgeOptions {
  const checked = parseOptions(options);
  const {
    kv,
    globalKv,
    ttlMs = 30_000,
    timeoutMs = 2_000,
    fetch = fetchOfRuntime,
    context = anonymousContext,
    segments,
  } = options;
  for (const [name, store] of Object.entries({ kv, globalKv })) {
    if (store !== undefined && typeof store?.get !== 'function') {
      throw invalid(name, 'is no store', 'Pass { get, put? }, or one of the adapters: cloudflareKv(env.FLAGS).');
    }
  }
  for (const [name, value, least] of [
    ['ttlMs', ttlMs, 1_000],
    ['timeoutMs', timeoutMs, 0],
  ] as const) {
    // Written so that NaN is refused.
    if (!(typeof value === 'number' && value >= least && value <= 86_400_000)) {
      throw invalid(name, 'is no time', `Pass milliseconds, from ${least} to a day.`);
    }
  }
  for (const [name, value] of Object.entries({ fetch, context, ...(segments !== undefined && { segments }) })) {
    if (typeof value !== 'function') throw invalid(name, 'is wrong', 'Pass a function, or leave it out.');
  }
  const stores = [kv, globalKv].filter((store) => store !== undefined);
  return { ...checked, stores, ttlMs, timeoutMs, fetch, context, segments };
}

function invalid(name: string, what: string, fix: string): FlagsError {
  return new FlagsError('INVALID_OPTION', name, `Option \`${name}\` ${what}.`, fix);
}
