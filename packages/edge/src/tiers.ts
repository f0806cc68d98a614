import type { Clock, Random } from '@flags/sync';
import { comparePositions } from '@flags/sync';
import type { Holding } from './holding.ts';
import { AGAIN } from './holding.ts';
import type { KvHead, KvTier } from './kv.ts';
import type { AskOrigin } from './origin.ts';

/** Keeps what an isolate holds current, while it serves. */
export interface Tiers {
  /** Whether it is time to ask. */
  readonly isDue: () => boolean;
  /** Whether the last answer is older than it should be. */
  readonly isStale: () => boolean;
  /** Why the last round failed. */
  readonly problem: () => string | undefined;
  /** Asks the tiers, once for all who want it at the same time. Never rejects. */
  refresh(): Promise<void>;
}

/** What keeping takes. */
export interface TierSettings {
  /** Nearest first. */
  readonly stores: readonly KvTier[];
  readonly origin: AskOrigin | undefined;
  readonly holding: Holding;
  readonly ttlMs: number;
  /** The longest a round may take; one that takes longer died with the request that began it. */
  readonly deadMs: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Called once a round has its answer, before stores are told. */
  readonly onAnswer: () => void;
}

/** After a failure nobody asks for this long; twice as long with each further one. */
const NEGATIVE_TTL = 5_000;
const LONGEST_NEGATIVE_TTL = 60_000;

/**
 * Asks stores, nearest first, then the origin: whoever was told by an origin within the time to live ends the round. What a lower
 * tier knew better is then written to those above it, so that one isolate asks for all that share a store.
 */
export function createTiers(settings: TierSettings): Tiers {
  const { stores, origin, holding, ttlMs, clock, random } = settings;
  let nextAt = -Infinity;
  let freshUntil = -Infinity;
  let failures = 0;
  let problem: string | undefined;
  let flight: { readonly done: Promise<void>; readonly deadAt: number } | undefined;

  // ± 20 %: isolates that start together must not ask together for ever.
  const jitter = (ms: number): number => ms * (0.8 + 0.4 * random());

  async function look(store: KvTier): Promise<KvHead | undefined> {
    const head = await store.head();
    const held = holding.held();
    if (head !== undefined && (held === undefined || comparePositions(head.position, held.position) > 0)) {
      const state = await store.state(head.position);
      // A head without its state is worth nothing, and is to be written anew.
      if (state === undefined) return undefined;
      await holding.offer(state, 'cache');
    }
    return head;
  }

  /** Answers why nothing was learned. */
  async function ask(): Promise<{ readonly problem?: string | undefined; readonly retryAfterMs?: number | undefined }> {
    if (origin === undefined) return { problem: 'no store was told of anything new in time' };
    const held = holding.held();
    let answer = await origin(holding.yields() ? undefined : held?.position);
    for (let isLast = false; ; isLast = true) {
      if (answer.kind === 'failed') return answer;
      if (answer.kind === 'same') {
        if (holding.held() !== undefined) return { problem: holding.confirm(answer.position) };
        return { problem: 'it says nothing is new to who has nothing' };
      }
      const wrong = await holding.receive(answer.message);
      if (wrong !== AGAIN || isLast) return { problem: wrong };
      answer = await origin(undefined);
    }
  }

  async function round(): Promise<void> {
    const heads: (KvHead | undefined)[] = [];
    let confirmedAt: number | undefined;
    for (const store of stores) {
      const head = await look(store);
      heads.push(head);
      const held = holding.held();
      const knowsIt = head !== undefined && held !== undefined && comparePositions(held.position, head.position) >= 0;
      if (knowsIt && clock.now() - head.at < ttlMs) {
        confirmedAt = head.at;
        break;
      }
    }
    const answer = confirmedAt === undefined ? await ask() : {};
    problem = answer.problem;
    if (problem !== undefined) {
      const wait = Math.min(NEGATIVE_TTL * 2 ** failures, LONGEST_NEGATIVE_TTL);
      failures += 1;
      nextAt = clock.monotonic() + jitter(Math.max(wait, Math.min(answer.retryAfterMs ?? 0, LONGEST_NEGATIVE_TTL)));
      return;
    }
    failures = 0;
    const at = confirmedAt ?? clock.now();
    freshUntil = clock.monotonic() + jitter(ttlMs) - (clock.now() - at);
    nextAt = freshUntil;
    settings.onAnswer();
    const held = holding.held();
    if (held === undefined) return;
    await Promise.all(
      stores.slice(0, confirmedAt === undefined ? stores.length : heads.length - 1).map(async (store, index) => {
        if (store.isWritable) await store.write(held, at, heads[index]);
      }),
    );
  }

  return {
    isDue: () => clock.monotonic() >= nextAt,
    isStale: () => clock.monotonic() >= freshUntil,
    problem: () => problem,
    refresh: () => {
      if (flight !== undefined && clock.monotonic() < flight.deadAt) return flight.done;
      const started = {
        done: round()
          .catch(() => {})
          .finally(() => {
            if (flight === started) flight = undefined;
          }),
        deadAt: clock.monotonic() + settings.deadMs,
      };
      flight = started;
      return started.done;
    },
  };
}
