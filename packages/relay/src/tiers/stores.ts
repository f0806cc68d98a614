import { compileRuleset } from '@flags/core';
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
  /** Ends it, once what is being written is written, or after 2 s. */
  close(): Promise<void>;
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

/**
 * Writes every state to stores, once a second at most, and now and then that it is still the newest: isolates then ask nobody else.
 * A store that fails is reported once, and again only after it had worked.
 */
export function createStoreTier({ stores, environment, log, isCurrent }: StoreTierOptions): StoreTier {
  const publishers = stores.map(({ kv, view: name }, index) => {
    let isFailing = false;
    return createKvPublisher(kv, {
      view: name,
      current: () => {
        const view = isCurrent() ? environment.view(name) : undefined;
        return view && holdView(view);
      },
      onWritten: (isWritten) => {
        if (!isWritten && !isFailing)
          log.warn({ store: index }, 'a store of flags cannot be written; it is tried again');
        if (isWritten && isFailing) log.info({ store: index }, 'the store of flags can be written again');
        isFailing = !isWritten;
      },
    });
  });
  const save = (): void => {
    for (const publisher of publishers) publisher.publish();
  };
  const timer = stores.length === 0 ? undefined : setInterval(save, CONFIRM_INTERVAL).unref();
  return {
    save,
    close: async () => {
      clearInterval(timer);
      const patience = new Promise<void>((resolve) => void setTimeout(resolve, LONGEST_FLUSH).unref());
      await Promise.race([Promise.all(publishers.map((publisher) => publisher.flush())), patience]);
    },
  };
}

function holdView(view: View): HeldState | undefined {
  const answer = view.answer(undefined);
  if (answer.kind !== 'message' || answer.message.type !== 'FULL_SYNC' || !('ruleset' in answer.message))
    return undefined;
  return holdRuleset(compileRuleset(answer.message.ruleset), view.position);
}
