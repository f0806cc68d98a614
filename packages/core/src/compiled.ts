import type { ProblemCode } from './broken.ts';
import type { Bucketer, Buckets } from './bucket.ts';
import type { Path } from './context.ts';
import type { Entries } from './entries.ts';
import type { CompiledClause } from './operators.ts';
import type { Resolution } from './resolution.ts';
import type { FlagType } from './ruleset.ts';
import type { Points, Window } from './schedule.ts';

interface NodeOf<Op extends string, Data> {
  readonly op: Op;
  readonly data: Data;
  /** Whether the leaf is negated. */
  readonly not: boolean;
}

/** A range of buckets. */
export interface Range {
  readonly buckets: Buckets;
  readonly from: number;
  readonly to: number;
}

/**
 * A condition, ready to be tested. All nodes have one shape whatever they hold, because a read in mixed traffic visits
 * every kind. One `switch` over equal shapes measured as fast there as a closure a node, takes less memory, and can be
 * walked by `explain`. Negations stand at the leaves only.
 */
export type Node =
  | NodeOf<'all' | 'any', readonly Node[]>
  | NodeOf<'segment', CompiledSegment>
  | NodeOf<'time', Window>
  | NodeOf<'bucket', Range>
  | NodeOf<'clause', CompiledClause>;

/** A progressive rollout: units in buckets below the width of the moment get the variation it leads to. */
export interface Rollout {
  readonly buckets: Buckets;
  readonly points: Points;
}

/** A segment, ready to be asked who is in it. */
export interface CompiledSegment {
  readonly key: string;
  /** Steps a read can take at worst. */
  readonly steps: number;
  /** Segments below it. */
  readonly depth: number;
  readonly path: Path;
  readonly include: ReadonlySet<string>;
  readonly exclude: ReadonlySet<string>;
  readonly rules: readonly Node[];
}

/** What a rule or the fallthrough serves; `outcomes` are complete resolutions, so that a read allocates nothing. */
export interface CompiledServe {
  /** Absent when one variation is served to everyone: `outcomes[0]`. */
  readonly buckets: Buckets | undefined;
  readonly outcomes: readonly Resolution[];
  /** Upper ends of a split's slices. */
  readonly cuts: readonly number[];
  /** A progress: `outcomes` are `to` and `from`. */
  readonly points: Points | undefined;
  readonly sticky: Path | undefined;
}

/** A rule: when it holds, what it serves. */
export interface CompiledRule {
  readonly id: string;
  readonly when: Node;
  readonly serve: CompiledServe;
}

/** Another flag that has to serve one of these variations: the flag, why it was set aside, or `undefined` when there is none. */
export interface CompiledPrerequisite {
  readonly key: string;
  /** The flag, why it is broken, or `undefined` when there is none. */
  readonly flag: CompiledFlag | ProblemCode | undefined;
  readonly variations: readonly string[];
}

/** Targets that read the same attribute. */
export interface CompiledTargets {
  readonly path: Path;
  readonly units: Map<string, Resolution>;
}

/** A sound flag, ready to be read. */
export interface CompiledFlag {
  readonly key: string;
  /** Steps a read can take at worst. */
  readonly steps: number;
  /** Segments below it. */
  readonly depth: number;
  readonly version: number;
  readonly type: FlagType;
  readonly client: boolean | 'evaluated';
  readonly enabled: boolean;
  readonly off: Resolution;
  readonly blocked: Resolution;
  readonly prerequisites: readonly CompiledPrerequisite[];
  readonly targets: readonly CompiledTargets[];
  readonly rules: readonly CompiledRule[];
  readonly fallthrough: CompiledServe;
}

/** A ruleset that can be evaluated. Immutable to its users: an update gives a new one that shares what did not change. */
export interface CompiledRuleset {
  readonly environment: string;
  readonly epoch: string;
  readonly version: number;
  /** Why the document as a whole cannot be used (it then has no flags): no ruleset, or of another format. */
  readonly invalid: 'FORMAT' | 'TYPE' | undefined;
  readonly flags: Entries<CompiledFlag | ProblemCode>;
  /** A number: too deep from that nesting on, −1 while it is being compiled. */
  readonly segments: Entries<CompiledSegment | ProblemCode | number>;
  /** The signatures, as they came: unchecked. */
  readonly seals: unknown;
  readonly bucketers: Readonly<Record<string, Bucketer>>;
  /** What was read of this version, by key: found faster than by place. Not for callers. */
  readonly readyFlags: Map<string, CompiledFlag | ProblemCode>;
}
