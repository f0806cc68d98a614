import type { CompiledRuleset, EvaluationContext } from '@flags/core';
import type { Clock, Exposures, Random, Source } from '@flags/sync';
import { createExposures, createKeySource, formatPosition, guardLogger } from '@flags/sync';
import { readAnonymousId } from './anonymous-id.ts';
import { createHolding, readBuild } from './holding.ts';
import { createKvTier } from './kv.ts';
import type { EdgeOptions } from './options.ts';
import { parseEdgeOptions } from './options.ts';
import { createOrigin } from './origin.ts';
import type { RequestFlags } from './request-flags.ts';
import { createRequestFlags } from './request-flags.ts';
import { createTiers } from './tiers.ts';
import { createFetchTransport } from './transport.ts';

/** Where work goes on after the response: the `ctx` of a Worker, the event of a middleware, or `{ waitUntil }`. */
export interface RequestScope {
  waitUntil(work: Promise<unknown>): void;
}

/** What an isolate holds, and why it is not newer. */
export interface EdgeStatus {
  readonly source: Source | undefined;
  /** Nobody has confirmed the rules within the time to live. */
  readonly stale: boolean;
  /** Such as `01j9zk3w7qx4m2tb.1042.9f3a77c1`. */
  readonly position: string | undefined;
  /** Why the last attempt to learn more failed. */
  readonly problem: string | undefined;
}

/** Flags in an isolate. */
export interface EdgeFlags<Types = FlagTypes> {
  /**
   * The flags for a request, or for a context. Waits only while this isolate knows nothing at all, and then for `timeoutMs` at
   * most, and for external segments that are not known; whatever goes wrong, reads give their defaults. Never rejects.
   */
  flags(of: Request | EvaluationContext, scope?: RequestScope): Promise<RequestFlags<Types>>;
  /** The context of a request, as `flags(request)` would have it for this anonymous id; empty where that fails. */
  contextOf(request: Request, anonymousId: string | undefined): Promise<EvaluationContext>;
  status(): EdgeStatus;
  /** The rules in use, for `explain()`; `undefined` before there are any. */
  snapshot(): CompiledRuleset | undefined;
  /** Sends what was counted so far. Never rejects. */
  flush(): Promise<void>;
}

/** What differs in tests. */
export interface EdgePorts {
  readonly clock: Clock;
  readonly random: Random;
}

const KV_TIMEOUT = 500;
// From a request's first read to the report of all reads meanwhile: runtimes grant some 30 s after a response.
const REPORT_AFTER = 5_000;
// A report that has not ended by then died with the request that began it.
const REPORT_DEAD = 45_000;

/**
 * Creates flags over a clock. Does nothing yet but read what the build brought: outside of requests, runtimes forbid the rest.
 *
 * @throws {FlagsError} `INVALID_OPTION`, naming the option and what to write instead.
 */
export function createEdge<Types = FlagTypes>(options: EdgeOptions, { clock, random }: EdgePorts): EdgeFlags<Types> {
  const checked = parseEdgeOptions(options);
  const { url, key, mode, ttlMs, timeoutMs, stores, compileOptions } = checked;
  const logger = guardLogger(checked.logger);
  const keys = createKeySource(key);
  const transport = createFetchTransport(checked.fetch);
  const verifier = checked.verify?.(key);
  const waiting = new Set<() => void>();
  const release = (): void => {
    for (const resolve of waiting) resolve();
    waiting.clear();
  };
  const holding = createHolding({ options: checked, verifier, logger, now: clock.now, onOffered: release });
  const view = typeof key === 'string' && key.startsWith('ck_') ? 'client' : 'server';
  const tiers = createTiers({
    stores: stores.map((store) => createKvTier(store, { view, timeoutMs: KV_TIMEOUT, clock, compileOptions })),
    origin:
      mode === 'offline' ? undefined : createOrigin({ url, keys, timeoutMs: ORIGIN_TIMEOUT }, { transport, clock }),
    holding,
    ttlMs,
    deadMs: 2 * ORIGIN_TIMEOUT + 4 * KV_TIMEOUT * stores.length,
    clock,
    random,
    onAnswer: release,
  });
  const { exposures: reported, privateAttributes } = checked;
  const exposures: Exposures | undefined = reported
    ? createExposures({ url, keys, transport, clock, random, logger, withUnits: reported === true, privateAttributes })
    : undefined;
  const segments = checked.segments?.({ clock, random, logger });
  let reportingSince: number | undefined;

  const build = checked.bootstrap && readBuild(checked.bootstrap, checked);
  if (checked.bootstrap && !build) logger.warn('Option `bootstrap` holds no usable ruleset; starting without it.');
  let begun: Promise<void> | undefined;
  const begin = (): Promise<void> =>
    (begun ??= build === undefined ? Promise.resolve() : holding.offer(build, 'bootstrap'));

  /** Resolves once anything is known, or the round is over, or the time is up. */
  const known = (done: Promise<void>): Promise<void> =>
    new Promise((resolve) => {
      const cancel = clock.after(timeoutMs, () => finish());
      const finish = (): void => {
        cancel();
        waiting.delete(finish);
        resolve();
      };
      waiting.add(finish);
      void done.then(finish);
    });

  /** Has what is read reported in the time that is left to this request after its response. */
  function report(scope: RequestScope | undefined): void {
    if (scope === undefined || exposures === undefined) return;
    const now = clock.monotonic();
    if (reportingSince !== undefined && now - reportingSince < REPORT_DEAD) return;
    reportingSince = now;
    const later = new Promise<void>((resolve) => void clock.after(REPORT_AFTER, resolve)).then(() => {
      reportingSince = undefined;
      return exposures.flush();
    });
    attach(scope, later);
  }

  async function contextOf(request: Request, anonymousId: string | undefined): Promise<EvaluationContext> {
    try {
      return await checked.context(request, anonymousId);
    } catch {
      logger.warn('The option `context` failed for a request; its flags are those of nobody.');
      return {};
    }
  }

  async function flags(of: Request | EvaluationContext, scope?: RequestScope): Promise<RequestFlags<Types>> {
    const context = isRequest(of) ? await contextOf(of, readAnonymousId(of)) : of;
    await begin();
    if (tiers.isDue()) {
      const round = tiers.refresh();
      if (scope !== undefined) attach(scope, round);
      if (holding.held() === undefined) await known(round);
    }
    const counting = exposures && {
      record: (...read: Parameters<Exposures['record']>) => {
        exposures.record(...read);
        report(scope);
      },
      track: (...what: Parameters<Exposures['track']>) => {
        exposures.track(...what);
        report(scope);
      },
    };
    const state = { held: holding.held(), source: holding.source(), stale: tiers.isStale() };
    const later = scope && ((work: Promise<unknown>) => attach(scope, work));
    const prepared =
      state.held === undefined || segments === undefined
        ? context
        : await segments.resolve(state.held.ruleset, context, { later });
    return createRequestFlags<Types>({ ...state, context, prepared, now: clock.now(), exposures: counting });
  }

  return {
    flags,
    contextOf,
    status: () => {
      const held = holding.held();
      const position = held && formatPosition(held.position);
      return { source: holding.source(), stale: tiers.isStale(), position, problem: tiers.problem() };
    },
    snapshot: () => holding.held()?.ruleset,
    flush: async () => exposures?.flush(),
  };
}

/** The longest that the relay is waited for; not by requests. */
const ORIGIN_TIMEOUT = 10_000;

function attach(scope: RequestScope, work: Promise<unknown>): void {
  try {
    scope.waitUntil(work);
  } catch {
    // The request is over, or this is no scope: the work goes on as far as the runtime lets it.
  }
}

function isRequest(of: Request | EvaluationContext): of is Request {
  const { url, headers } = of as Partial<Request>;
  return typeof url === 'string' && typeof headers?.get === 'function';
}
