/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [member: string]: Json };

/** The type of a flag's variations. `object` takes JSON objects and arrays. */
export type FlagType = 'boolean' | 'string' | 'number' | 'object';

/** The wire form of everything an environment's flags need to be evaluated: format 1. */
export interface Ruleset {
  readonly format: 1;
  readonly environment: string;
  /** Names a history; begins with the time it was minted, so that epochs sort. */
  readonly epoch: string;
  /** One higher with every committed change set. */
  readonly version: number;
  readonly flags: Readonly<Record<string, Flag>>;
  readonly segments: Readonly<Record<string, Segment>>;
  /** What its origin vouches for: of the whole, and of what client keys are shown. */
  readonly seals?: readonly Seal[];
}

/** An origin's signature over one view of an environment at one version. */
export interface Seal {
  /** `server`: everything; `client`: what client keys are shown. */
  readonly view: 'server' | 'client';
  /** The ruleset version that was signed: below that of a position where commits since then left the view alone. */
  readonly version: number;
  /** The Merkle root over all entries of the view: 64 hexadecimal digits. */
  readonly root: string;
  readonly keyId: string;
  /** Ed25519, as base64url. */
  readonly signature: string;
}

/** What every entry of a ruleset says of itself. */
export interface EntryHeader {
  readonly key: string;
  /** The ruleset version that last changed this entry. */
  readonly version: number;
  /** SHA-256 (hex) of the canonical form (RFC 8785) of the entry without `version` and `digest`. */
  readonly digest: string;
}

/** A named decision with its variations and the rules that choose among them. */
export interface Flag extends EntryHeader {
  readonly type: FlagType;
  /** A disabled flag serves its `off` variation to everyone. */
  readonly enabled: boolean;
  readonly variations: readonly Variation[];
  /** Name of the variation served when the flag is disabled or a prerequisite is not met. */
  readonly off: string;
  readonly prerequisites?: readonly Prerequisite[];
  readonly targets?: readonly Target[];
  readonly rules: readonly Rule[];
  /** Served when no target and no rule matches. */
  readonly fallthrough: Serve;
  /** Salt of the flag's splits; the flag's key when absent. */
  readonly salt?: string;
  /** `true`: rules may be sent to browsers; `'evaluated'`: only values may. */
  readonly client?: boolean | 'evaluated';
  /** Members a reader has to know to evaluate this flag; an unknown one breaks it. */
  readonly requires?: readonly string[];
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
}

/** One of the values a flag can serve. */
export interface Variation {
  readonly name: string;
  readonly value: Json;
}

/** Another flag that has to serve one of these variations. */
export interface Prerequisite {
  readonly flag: string;
  readonly variations: readonly string[];
}

/** Units that get a variation by name, before any rule. */
export interface Target {
  readonly variation: string;
  readonly keys: readonly string[];
  /** Path of the attribute that holds the unit; `targetingKey` when absent. */
  readonly by?: string;
}

/** A condition and what it serves; the first rule that matches decides. */
export interface Rule {
  readonly id: string;
  readonly when: Condition;
  readonly serve: Serve;
}

/** What a rule or the fallthrough serves. */
export type Serve = { readonly variation: string } | { readonly split: Split } | { readonly progress: Progress };

/** How a unit is put into a bucket; shared by splits, progressive rollouts and bucket conditions. */
export interface Bucketing {
  /** Path of the attribute that holds the unit; `targetingKey` when absent. */
  readonly by?: string;
  /** The flag's salt, else its key, when absent. */
  readonly salt?: string;
  /** Name of a hash given to `compileRuleset`; the built-in xxh32 when absent. */
  readonly bucketer?: string;
  /** Number of buckets: 100 000 when absent, at most 2^20. */
  readonly total?: number;
}

/** Shares of the buckets; the widths sum to `total` exactly. */
export interface Split extends Bucketing {
  readonly slices: readonly (readonly [variation: string, width: number])[];
  /** Path of an attribute whose value, when it names a variation in `slices`, is served. */
  readonly sticky?: string;
  /** Copied to the resolution and to exposures. */
  readonly experiment?: string;
}

/** A rollout that moves by the clock: `to` takes buckets `[0, width(now))`, piecewise linear between `points`. */
export interface Progress extends Bucketing {
  readonly from: string;
  readonly to: string;
  /** RFC 3339 instants, not descending, each with the width reached then. */
  readonly points: readonly (readonly [at: string, width: number])[];
}

/** What has to hold for a rule to match or a unit to be in a segment. */
export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly segment: string }
  | { readonly time: TimeWindow }
  | { readonly bucket: BucketRange }
  | Clause;

/** Holds when any element of the attribute satisfies the operator with any of `values`. */
export interface Clause {
  /** Dotted path, or a list of names where a name has a dot. */
  readonly attr: string | readonly string[];
  readonly op: Operator;
  readonly values?: readonly Json[];
  /** Coerces the attribute and the values; without it types are strict. */
  readonly as?: 'string' | 'number' | 'date' | 'version';
  /** Folds ASCII letters. */
  readonly ignoreCase?: boolean;
  /** What the clause says when the attribute is missing or of the wrong type; `false`, negated or not, when absent. */
  readonly ifMissing?: boolean;
}

/** What a clause asks of its attribute. */
export type Operator =
  | 'eq'
  | 'in'
  | 'contains'
  | 'startsWith'
  | 'endsWith'
  | 'matches'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte'
  | 'before'
  | 'after'
  | 'exists'
  | 'cidr'
  | 'verEq'
  | 'verLt'
  | 'verLte'
  | 'verGt'
  | 'verGte';

/** Holds when the unit's bucket lies in `[from, to)`; layers, holdouts and percentage segments are made of it. */
export interface BucketRange extends Bucketing {
  readonly salt: string;
  readonly from: number;
  readonly to: number;
}

/** A half-open window of time: an interval, or hours of some days, or both. */
export interface TimeWindow {
  /** RFC 3339. */
  readonly from?: string;
  /** RFC 3339, exclusive. */
  readonly until?: string;
  /** ISO days of the week: 1 is Monday, 7 is Sunday. */
  readonly days?: readonly number[];
  /** Minute of the local day, 0 to 1440. `start > end` spans midnight and belongs to the day it starts. */
  readonly start?: number;
  /** Minute of the local day, exclusive. */
  readonly end?: number;
  /** Offsets of the window's time zone: from this instant (epoch ms) on, so many minutes east of UTC. UTC when absent. */
  readonly offsets?: readonly (readonly [fromMs: number, minutes: number])[];
}

/** A named set of units: `exclude` says no, then `include` says yes, then any of `rules`. */
export interface Segment extends EntryHeader {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly rules?: readonly Condition[];
  /** Path of the attribute that holds the unit of `include` and `exclude`; `targetingKey` when absent. */
  readonly by?: string;
  readonly client?: boolean;
  /** Membership is resolved into the context before the read. */
  readonly external?: boolean;
}

/** A change set: the new form of every entry it touches, `null` for one that is gone. */
export interface RulesetChange {
  readonly epoch?: string;
  readonly version: number;
  readonly flags?: Readonly<Record<string, Flag | null>>;
  readonly segments?: Readonly<Record<string, Segment | null>>;
  /** The seals after the change; those before it hold no longer. */
  readonly seals?: readonly Seal[];
}
