import type { Ruleset, RulesetChange } from '@flags/core';
import type { Source, SourceSink } from './source.ts';

/** A source for programs that make their flags themselves, and for tests. */
export interface MemorySource extends Source {
  /** Replaces everything. Before the relay has started, this is what it will start with. */
  replace(ruleset: Ruleset): void;
  /** Adds a change set that follows what the relay holds. */
  apply(change: RulesetChange): void;
}

/**
 * Creates a source that holds a ruleset in memory. The ruleset is trusted: validate what comes from elsewhere. It must not
 * be edited afterwards; entries that change come as new objects with a new version and digest.
 */
export function memorySource(ruleset: Ruleset): MemorySource {
  let latest = ruleset;
  // Changes made before the relay has started.
  let waiting: RulesetChange[] = [];
  let sink: SourceSink | undefined;
  return {
    start: async (to) => {
      sink = to;
      to.replace(latest);
      for (const change of waiting) to.apply(change);
      waiting = [];
    },
    refresh: async () => {},
    stop: async () => {
      sink = undefined;
    },
    replace: (next) => {
      latest = next;
      waiting = [];
      sink?.replace(next);
    },
    apply: (change) => {
      if (sink === undefined) waiting.push(change);
      else sink.apply(change);
    },
  };
}
