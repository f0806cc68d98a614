import type { Seal } from '@flags/core';
import { createVerification } from '../machine/verify.ts';
import type { Verification } from '../machine/turn.ts';
import { canonicalize } from '../protocol/canonical.ts';
import type { HeldState } from '../protocol/change.ts';
import type { Later } from '../protocol/later.ts';
import { proceed, proceedAll } from '../protocol/later.ts';
import type { Held } from '../protocol/held.ts';
import type { Change } from '../protocol/message.ts';
import type { DigestChange, HashText, RootTree } from '../protocol/root.ts';
import { updateRoot } from '../protocol/root.ts';
import { parseSeals, sealedAt, sealText } from '../protocol/seal.ts';
import type { EntryKind } from '../protocol/state-hash.ts';
import type { Logger } from './ports.ts';

/** What a client insists on. */
export interface Pins {
  readonly view: Seal['view'];
  /** When absent, that of the first state that was verified. */
  readonly environment?: string | undefined;
  /** Public keys by what signatures call them. Several, so that a key can be changed without a gap. */
  readonly keys: ReadonlyMap<string, string>;
  /** Whether a signature over a text is of that key; both as base64url. May throw or reject where the platform cannot tell. */
  readonly isSigned: (publicKey: string, text: string, signature: string) => Later<boolean>;
  readonly sha256: HashText;
}

/** A state to be checked. With the state before it and what changed, only that is looked at. */
export interface Candidate<H extends Held = HeldState> {
  readonly after: H;
  readonly before?: H | undefined;
  readonly change?: Change | undefined;
}

/** Checks states against pinned keys. */
export interface Verifier<H extends Held = HeldState> {
  /** What the machine does differently. */
  readonly verification: Verification;
  /** Tells why a state is not what its origin signed, in a few words; `undefined` when it is. At once where the platform can. */
  verify(candidate: Candidate<H>, tell: (problem: string | undefined) => void): void;
  /** The same state at the version that was signed, or why it cannot be trusted. At once where the platform can; never rejects. */
  check(state: H): Later<H | string>;
  /**
   * Lets a client begin with what it has, each at the version that was signed; without what cannot be trusted, and the log says
   * why. At once where the platform can; else the answer resolves then, and never rejects.
   */
  admit(starts: Starts<H>, logger: Logger, begin: (bootstrap?: H, cache?: H) => void): Promise<void> | undefined;
}

/** What a client has before it hears from a server. */
export interface Starts<H extends Held = HeldState> {
  readonly bootstrap?: H | undefined;
  readonly cache?: H | undefined;
}

/** A change that could be checked, or why not. */
type Checked = DigestChange | string;

/**
 * Creates what checks states: the digest of every entry that is new is computed from its content, the root from the digests, and
 * the signature has to be one of a pinned key over that root, this environment, this view, and the state's epoch and version.
 */
export function createVerifier(pins: Pins): Verifier {
  // The tree of each state that was verified, for as long as somebody holds it.
  const trees = new WeakMap<object, RootTree>();
  let { environment } = pins;

  const checkEntry = (kind: EntryKind, key: string, entry: unknown): Later<Checked> => {
    if (entry === null) return [kind, key, undefined];
    if (!isObject(entry) || entry['key'] !== key) return `the ${kind} "${key}" is not what it says it is`;
    const { version: _version, digest, ...content } = entry;
    return proceed(pins.sha256(canonicalize(content)), (computed) =>
      computed === digest ? [kind, key, computed] : `the ${kind} "${key}" was changed on the way`,
    );
  };

  const verify = ({ after, before, change }: Candidate): Later<string | undefined> => {
    const { ruleset, position } = after;
    if (environment !== undefined && ruleset.environment !== environment) {
      return `it is of the environment "${ruleset.environment}", not "${environment}"`;
    }
    const seals = sealsFor(after, pins.view);
    if (seals.length === 0) return `it is not signed as what ${pins.view} keys are shown`;
    const seal = seals.find(({ keyId }) => pins.keys.has(keyId));
    const publicKey = seal && pins.keys.get(seal.keyId);
    if (seal === undefined || publicKey === undefined)
      return `it is signed with the key ${seals[0]?.keyId}, which is not pinned`;
    const base = change && before && trees.get(before.ruleset);
    const content = base === undefined ? ruleset : changesOf(change);
    const checks = [
      ...Array.from(content.flags, ([key, entry]) => checkEntry('flag', key, entry)),
      ...Array.from(content.segments, ([key, entry]) => checkEntry('segment', key, entry)),
    ];
    return proceedAll(checks, (checked) => {
      const changes: DigestChange[] = [];
      for (const one of checked) {
        if (typeof one === 'string') return one;
        changes.push(one);
      }
      return proceed(updateRoot(base, changes, pins.sha256), (tree) => {
        if (tree.root !== seal.root) return 'the flags do not add up to what was signed';
        const state = { ...seal, environment: ruleset.environment, epoch: position.epoch, version: position.version };
        return proceed(pins.isSigned(publicKey, sealText(state), seal.signature), (isSigned) => {
          if (!isSigned) return 'its signature is not of the pinned key';
          trees.set(ruleset, tree);
          environment ??= ruleset.environment;
          return undefined;
        });
      });
    });
  };

  const verifySafely = (candidate: Candidate): Later<string | undefined> => {
    const failed = (): string => 'it cannot be checked';
    try {
      const verdict = verify(candidate);
      return verdict instanceof Promise ? verdict.catch(failed) : verdict;
    } catch {
      // Nested without end.
      return failed();
    }
  };

  const check = (state: HeldState): Later<HeldState | string> => {
    const after = sealedAt(state, pins.view) ?? state;
    return proceed(verifySafely({ after }), (problem) => problem ?? after);
  };

  return {
    check,
    verification: createVerification((after) => sealedAt(after as HeldState, pins.view) ?? after),
    verify: (candidate, tell) => void proceed(verifySafely(candidate), tell),
    admit: ({ bootstrap, cache }, logger, begin) => {
      const admit = (start: HeldState | undefined, what: string): Later<HeldState | undefined> => {
        return proceed(start && check(start), (checked) => {
          if (typeof checked !== 'string') return checked;
          logger.warn(`The ${what} is not used: ${checked}.`);
          return undefined;
        });
      };
      const begun = proceed(admit(bootstrap, 'bootstrap'), (first) =>
        proceed(admit(cache, 'cache'), (second) => begin(first, second)),
      );
      return begun instanceof Promise ? begun : undefined;
    },
  };
}

/** The seals of a state for this view, at the version it stands at. */
function sealsFor({ ruleset, position }: HeldState, view: Seal['view']): readonly Seal[] {
  return parseSeals(ruleset.seals).filter((seal) => seal.view === view && seal.version === position.version);
}

function changesOf(change: Change | undefined): {
  readonly flags: Iterable<readonly [string, unknown]>;
  readonly segments: Iterable<readonly [string, unknown]>;
} {
  return {
    flags: change?.type === 'FLAG_UPDATE' ? Object.entries(change.flags) : [],
    segments: change === undefined || change.type === 'VALUES' ? [] : Object.entries(change.segments ?? {}),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
