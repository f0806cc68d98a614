import { compileRuleset } from '@flags/core';
import type { PublishOutcome } from '@flags/edge';
import { createKvPublisher } from '@flags/edge';
import type { HeldState } from '@flags/sync';
import { holdRuleset } from '@flags/sync';
import type { Environment } from '../environment.ts';
import type { RelayLog } from '../log.ts';
import type { PublishedStore } from '../options.ts';
import type { View } from '../view.ts';

/** Keeps stores told. */
export interface StoreTier {
  /** What is held has changed. */
  save(): void;
  readonly counts: readonly StoreCounts[];
  /** Ends it, once what is being written is written, or after 2 s. */
  close(): Promise<void>;
}

/** What is told of a store. */
export interface StoreCounts {
  readonly name: string;
  readonly written: number;
  readonly failed: number;
  /** For how long the oldest change that the store does not have has waited; 0 where it has all. Milliseconds. */
  readonly lagMs: number;
}

/** What stores are told by. */
export interface StoreTierOptions {
  readonly stores: readonly PublishedStore[];
  readonly environment: Environment;
  readonly log: RelayLog;
  /** Whether what is held is how things are, as far as the source says. */
  readonly isCurrent: () => boolean;
}

/** A store that does not answer must not keep a relay from ending. */
const LONGEST_FLUSH = 2_000;

/** Half of the time for which isolates take a store's word, when they are not told otherwise. */
const CONFIRM_INTERVAL = 15_000;

/** After a failure; then twice as long, up to the longest. */
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 60_000;

/** Writes every state to stores, once a second at most, and now and then that it is still the newest: isolates then ask nobody else. */
export function createStoreTier({ stores, ...options }: StoreTierOptions): StoreTier {
  const told = stores.map((store, index) => tellStore(store, store.name ?? `${index + 1}`, options));
  return {
    save: () => {
      for (const one of told) one.changed();
    },
    get counts() {
      return told.map((one) => one.counts());
    },
    close: async () => {
      const patience = new Promise<void>((resolve) => void setTimeout(resolve, LONGEST_FLUSH).unref());
      await Promise.race([Promise.all(told.map((one) => one.close())), patience]);
    },
  };
}

/** One store. Its failing is logged once, and again only after it had worked; it is left alone for longer and longer meanwhile. */
function tellStore(
  { kv, view: viewName, confirmMs = CONFIRM_INTERVAL }: PublishedStore,
  name: string,
  { environment, log, isCurrent }: Omit<StoreTierOptions, 'stores'>,
) {
  const counts = { written: 0, failed: 0 };
  // When the oldest change came that is not there, and the oldest of those that a write now under way does not carry.
  let waitsSince: number | undefined;
  let nextSince: number | undefined;
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;

  const onOutcome = (outcome: PublishOutcome): void => {
    if (outcome.kind === 'failed') {
      counts.failed += 1;
      failures += 1;
      if (failures === 1)
        log.warn({ store: name, reasons: [outcome.reason] }, 'a store of flags cannot be written; it is tried again');
      retry = setTimeout(publish, Math.min(FIRST_RETRY * 2 ** (failures - 1), LONGEST_RETRY)).unref();
      return;
    }
    // It has a newer state from elsewhere, or this one.
    if (outcome.kind === 'written') counts.written += 1;
    waitsSince = nextSince;
    if (failures > 0) log.info({ store: name }, 'the store of flags can be written again');
    failures = 0;
  };
  const publisher = createKvPublisher(kv, {
    view: viewName,
    current: () => {
      nextSince = undefined;
      const view = isCurrent() ? environment.view(viewName) : undefined;
      return view && holdView(view);
    },
    onOutcome,
  });
  function publish(): void {
    retry = undefined;
    publisher.publish();
  }
  /** A store that fails is not asked at every change, but when its time has come. */
  const publishUnlessFailing = (): void => {
    if (retry === undefined) publish();
  };
  const isConfirmed = Number.isFinite(confirmMs);
  const look = (): void => {
    // A change may have come while nobody could say whether it was the newest.
    if (isConfirmed || waitsSince !== undefined) publishUnlessFailing();
  };
  const timer = setInterval(look, isConfirmed ? confirmMs : CONFIRM_INTERVAL).unref();
  return {
    changed: (): void => {
      const now = performance.now();
      waitsSince ??= now;
      nextSince ??= now;
      publishUnlessFailing();
    },
    counts: (): StoreCounts => ({
      ...counts,
      name,
      lagMs: waitsSince === undefined ? 0 : performance.now() - waitsSince,
    }),
    close: async (): Promise<void> => {
      clearInterval(timer);
      await publisher.flush();
      clearTimeout(retry);
    },
  };
}

function holdView(view: View): HeldState | undefined {
  const answer = view.answer(undefined);
  if (answer.kind !== 'message' || answer.message.type !== 'FULL_SYNC' || !('ruleset' in answer.message))
    return undefined;
  return holdRuleset(compileRuleset(answer.message.ruleset), view.position);
}
