import type { CheckedOptions, HeldState, Logger, Message, Position, Source, Verifier } from '@flags/sync';
import { adoptPosition, comparePositions, createRules, isProblem, readBootstrap } from '@flags/sync';

/** What an isolate holds, and the only way to change it: never to an older state. */
export interface Holding {
  readonly held: () => HeldState | undefined;
  readonly source: () => Source | undefined;
  /** Takes a state of a store or of the build, where it is newer. */
  offer(state: HeldState, source: 'bootstrap' | 'cache'): Promise<void>;
  /** Takes what the origin said. Answers what is wrong with it; `AGAIN` means that everything has to be asked for. */
  receive(message: Message): Promise<string | undefined>;
  /** The origin has nothing newer, and stands here. Answers what is wrong with that. */
  confirm(position: Position | undefined): string | undefined;
  /** Whether the origin is of an older history, and has been for so long that its rules are wanted. */
  readonly yields: () => boolean;
}

/** What is wrong with changes that do not follow from what is held. */
export const AGAIN = 'its changes do not follow from its flags';

/** What holding takes. */
export interface HoldingSettings {
  readonly options: CheckedOptions;
  readonly verifier: Verifier | undefined;
  readonly logger: Logger;
  readonly now: () => number;
  /** Called when a state of a store or of the build was taken. */
  readonly onOffered: () => void;
}

// An origin whose epoch is older is a replica that has yet to hear of the new one, and catches up within moments. If it does not,
// the store or the build brought rules of another history: of another environment, or of a lock file that was reverted.
const YIELD_AFTER = 150_000;

/** Holds nothing at first. */
export function createHolding({ options, verifier, logger, now, onOffered }: HoldingSettings): Holding {
  const rules = createRules(options.compileOptions);
  let held: HeldState | undefined;
  let source: Source | undefined;
  let olderSince: number | undefined;

  const yields = (): boolean => olderSince !== undefined && now() - olderSince >= YIELD_AFTER;
  const mayReplace = (position: Position): boolean =>
    held === undefined ||
    comparePositions(position, held.position) >= 0 ||
    (yields() && position.epoch < held.position.epoch);

  async function hold(state: HeldState, from: Source): Promise<string | undefined> {
    const checked = verifier === undefined ? state : await verifier.check(state);
    if (typeof checked === 'string') {
      logger.warn(`Flags that cannot be trusted are not used: ${checked}. Check the pinned keys.`);
      return checked;
    }
    // What was signed counts, and others may have been quicker meanwhile.
    if (!mayReplace(checked.position)) return undefined;
    if (from !== 'network' && held !== undefined && held.ruleset.environment !== checked.ruleset.environment)
      return undefined;
    held = checked;
    source = from;
    if (from === 'network') olderSince = undefined;
    else onOffered();
    return undefined;
  }

  /** What the origin has is of an older history. Whatever it sent itself never gives way. */
  function suspect({ epoch }: Position): string | undefined {
    if (held === undefined || epoch >= held.position.epoch) return undefined;
    if (source !== 'network' && verifier === undefined && olderSince === undefined) {
      olderSince = now();
      logger.warn(
        `The rules of the ${source} are of epoch ${held.position.epoch}, the relay's of ${epoch}, which is older.`,
      );
    }
    return 'it is at an older epoch';
  }

  return {
    held: () => held,
    source: () => source,
    yields,
    offer: async (state, from) => {
      if (held === undefined || comparePositions(state.position, held.position) > 0) await hold(state, from);
    },
    receive: async (message) => {
      if (message.type === 'HEARTBEAT' || message.type === 'GOODBYE') return 'it holds no flags';
      const news = rules.sort(message);
      if (typeof news === 'string') return news;
      if (news.kind === 'ref') return 'it only refers to the rules';
      if (news.kind === 'whole') {
        if (!mayReplace(news.position)) return suspect(news.position);
        const after = rules.whole(news.json, news.position, held);
        return isProblem(after) ? after.message : hold(after, 'network');
      }
      const verdict = rules.judge(held, news.change);
      if (verdict === 'ignore') return suspect(news.change.position);
      if (verdict === 'gap' || held === undefined) return AGAIN;
      const after = rules.apply(held, news.change);
      // The delta does not lead to what it says: what is held had drifted.
      if (after.position.hash !== news.change.position.hash) return AGAIN;
      return hold(after, 'network');
    },
    confirm: (position) => {
      if (held === undefined || position === undefined) return undefined;
      const isAhead = position.epoch === held.position.epoch && position.version > held.position.version;
      // Nobody signs that a later version is the same. Where keys are pinned, the position stays that of what was signed.
      if (isAhead && position.hash === held.position.hash && verifier === undefined)
        held = adoptPosition(held, position);
      return suspect(position);
    },
  };
}

/** The rules that a build brought along: a ruleset, `{ ruleset }`, or the answer of `GET /v1/snapshot` as it is. */
export function readBuild(
  bootstrap: Readonly<Record<string, unknown>>,
  options: CheckedOptions,
): HeldState | undefined {
  const { event, data } = bootstrap;
  const isEnvelope = event === 'FULL_SYNC' && typeof data === 'object' && data !== null;
  return readBootstrap(isEnvelope ? (data as Readonly<Record<string, unknown>>) : bootstrap, options.compileOptions);
}
