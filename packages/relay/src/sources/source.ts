import type { FileProblem } from '@flags/config';
import type { Ruleset, RulesetChange } from '@flags/core';
import type { Position } from '@flags/sync';
import type { History } from '../history.ts';
import type { ViewName } from '../view.ts';

/** Where a relay's flags come from. A source fetches and reports; the relay alone decides what wins. It serves one relay. */
export interface Source {
  /** What it reports: everything (when absent), or what a client key is shown. */
  readonly scope?: ViewName;
  /** How often what is held was found not to add up to what the upstream says, and whether it does not now; only where there is one. */
  readonly drift?: { readonly found: number; readonly isNow: boolean };
  /** The flags began elsewhere, and were signed there or nowhere: this relay cannot sign them. */
  readonly isCopy?: boolean;
  /**
   * Begins to report to the sink, until stopped. Resolves once the first ruleset is reported or is on its way; rejects with a
   * `RelayError` when there can be none.
   *
   * @param held What the relay holds already, from an earlier run. A source that cannot be read then reports so, and goes on.
   */
  start(sink: SourceSink, held?: StartState): Promise<void>;
  /** Why what was kept from an earlier run cannot be trusted, where signatures are asked for; `undefined` when it can. */
  doubt?(held: StartState): string | undefined;
  /** Looks again now: a client knows this newer state than this relay. At most one look is under way at a time. */
  refresh(ahead: Position): Promise<void>;
  /**
   * Takes another key to follow with, of the same kind, and goes on from where it is; only where there is one. Throws
   * `INVALID_OPTION` for one of another kind.
   */
  setKey?(key: string): void;
  stop(): Promise<void>;
}

/** What a relay starts with. */
export interface StartState {
  readonly ruleset: Ruleset;
  /** Where it stands. */
  readonly position: Position;
}

/** What a source reports to. */
export interface SourceSink {
  /** The whole state. */
  replace(ruleset: Ruleset): void;
  /** What changed since the last report. */
  apply(change: RulesetChange): void;
  /** How earlier states lead to what was reported last, so that clients which stand at one of them can be resumed. */
  learn(history: History): void;
  /** What was reported last is how things are now: the source is in order. */
  current(): void;
  /** The source cannot be used at the moment, and why. What was reported before stays in use. */
  broken(problems: readonly FileProblem[]): void;
  /** What was reported is in use, but somebody should look at this. */
  doubtful(warnings: readonly FileProblem[]): void;
}
