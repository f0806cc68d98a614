import type { Bucketer, Buckets } from './bucket.ts';
import type { ProblemCode } from './broken.ts';
import type { Cidr } from './cidr.ts';
import type { Path } from './context.ts';
import type { Resolution } from './resolution.ts';
import type { FlagType } from './ruleset.ts';
import type { Points, Window } from './schedule.ts';
import type { Version } from './version.ts';

/** What a clause's attribute is turned into before it is compared. */
export type Coercion = 'string' | 'number' | 'date' | 'version';

/** Which signs of `attribute − bound` satisfy a comparison. */
export interface Comparison {
  readonly low: boolean;
  readonly equal: boolean;
  readonly high: boolean;
  readonly bounds: readonly (number | Version)[];
}

interface NodeOf<Op extends string, Data> {
  readonly op: Op;
  readonly data: Data;
  readonly path: Path;
  readonly as: Coercion | undefined;
  readonly fold: boolean;
  readonly not: boolean;
  /** What a clause says of a missing attribute. */
  readonly missing: boolean;
}

/** A range of buckets. */
export interface Range {
  readonly buckets: Buckets;
  readonly from: number;
  readonly to: number;
}

/** A leaf that reads one attribute. */
export type ClauseNode =
  | NodeOf<'exists', undefined>
  | NodeOf<'eq', unknown>
  | NodeOf<'in', { readonly set: ReadonlySet<unknown>; readonly types: ReadonlySet<string> }>
  | NodeOf<'includes' | 'startsWith' | 'endsWith', readonly string[]>
  | NodeOf<'matches', readonly ((input: string) => boolean)[]>
  | NodeOf<'cidr', readonly Cidr[]>
  | NodeOf<'compare', Comparison>;

/**
 * A condition, ready to be tested. All nodes have one shape whatever they hold, because a read in mixed traffic visits
 * every kind: one `switch` over equal shapes measured faster than a closure a node. `not` stands at the leaves only.
 */
export type Node =
  | NodeOf<'all' | 'any', readonly Node[]>
  | NodeOf<'segment', CompiledSegment>
  | NodeOf<'time', Window>
  | NodeOf<'bucket', Range>
  | ClauseNode;

/** What every compiled entry knows of itself. */
interface CompiledEntry {
  readonly key: string;
  /** Steps a read can take at worst. */
  readonly steps: number;
  /** Every entry it refers to, directly or not, as `flag/key` and `segment/key`. */
  readonly refs: ReadonlySet<string>;
  /** Everything in it that moves by the clock. */
  readonly timed: readonly (Window | Rollout)[];
}

export interface CompiledSegment extends CompiledEntry {
  /** Segments below this one. */
  readonly depth: number;
  readonly path: Path;
  readonly include: ReadonlySet<string>;
  readonly exclude: ReadonlySet<string>;
  readonly rules: readonly Node[];
}

/** A progressive rollout: units in buckets below the width of the moment get `to`. */
export interface Rollout {
  readonly buckets: Buckets;
  readonly points: Points;
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

export interface CompiledRule {
  readonly id: string;
  readonly when: Node;
  readonly serve: CompiledServe;
}

export interface CompiledPrerequisite {
  readonly key: string;
  readonly flag: CompiledFlag | undefined;
  readonly variations: ReadonlySet<string>;
}

/** Targets that read the same attribute. */
export interface CompiledTargets {
  readonly path: Path;
  readonly units: ReadonlyMap<string, Resolution>;
}

export interface CompiledFlag extends CompiledEntry {
  /** Why the flag was set aside; it then has nothing that can be served. */
  readonly problem: ProblemCode | undefined;
  readonly version: number | undefined;
  readonly type: FlagType | undefined;
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
  /** Why the document as a whole cannot be used (it then has no flags): not an object, or of another format. */
  readonly invalid: string | undefined;
  /** The entries as they came. */
  readonly flags: ReadonlyMap<string, unknown>;
  readonly segments: ReadonlyMap<string, unknown>;
  /** Integrity members as they came: `root`, `signature`, `keyId`. */
  readonly seal: Readonly<Record<string, unknown>>;
  readonly bucketers: Readonly<Record<string, Bucketer>>;
  /** Filled by the first read of each flag; not for callers. */
  readonly readyFlags: Map<string, CompiledFlag>;
  readonly readySegments: Map<string, CompiledSegment | ProblemCode | undefined>;
}
