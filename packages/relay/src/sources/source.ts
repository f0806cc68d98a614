import type { FileProblem } from '@flags/config';
import type { Ruleset, RulesetChange } from '@flags/core';

/** Where a relay's flags come from. A source fetches and reports; the relay alone decides what wins. It serves one relay. */
export interface Source {
  /**
   * Begins to report to the sink, until stopped. Resolves once the first ruleset is reported or is on its way; rejects with a
   * `RelayError` when there can be none.
   */
  start(sink: SourceSink): Promise<void>;
  /** Looks again now: a client knows a newer state than this relay. At most one look is under way at a time. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

/** What a source reports to. */
export interface SourceSink {
  /** The whole state. */
  replace(ruleset: Ruleset): void;
  /** What changed since the last report. */
  apply(change: RulesetChange): void;
  /** The source cannot be used at the moment, and why. What was reported before stays in use. */
  broken(problems: readonly FileProblem[]): void;
  /** What was reported is in use, but somebody should look at this. */
  doubtful(warnings: readonly FileProblem[]): void;
}
