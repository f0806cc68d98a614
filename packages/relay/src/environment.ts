import type { Flag, Ruleset, RulesetChange, Segment } from '@flags/core';
import type { ChangedKeys, ChangelogLimits } from './changelog.ts';
import { selectClientView } from './client-view.ts';
import type { Entries, EntryChanges } from './entries.ts';
import { diffEntries, effectiveChanges, isEmpty } from './entries.ts';
import type { RulesetHead, View, ViewName } from './view.ts';
import { createView } from './view.ts';

/** A change that an environment took over. */
export interface EnvironmentCommit {
  readonly changed: ChangedKeys;
}

/** What became of a ruleset or change: taken over, no news, or refused with the reason and what to do. */
export type CommitOutcome =
  | { readonly kind: 'committed'; readonly commit: EnvironmentCommit }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly message: string; readonly hint: string };

/** The flags of one environment as this relay holds them, in every view that keys can see. */
export interface Environment {
  /** `undefined` until there is a first ruleset. */
  view(name: ViewName): View | undefined;
  /** Takes over a whole ruleset. Never one that is older than what is held: clients do not go back, so neither does a relay. */
  replace(ruleset: Ruleset): CommitOutcome;
  /** Takes over a change set that follows what is held. */
  apply(change: RulesetChange): CommitOutcome;
}

/** Creates an environment that holds nothing yet. */
export function createEnvironment(limits?: ChangelogLimits): Environment {
  let head: RulesetHead | undefined;
  let views: Readonly<Record<ViewName, View>> | undefined;

  const commit = (next: RulesetHead, changes: EntryChanges, continues: boolean): CommitOutcome => {
    const bare = { environment: next.environment, epoch: next.epoch, version: next.version };
    views ??= { server: createView('server', next, limits), client: createView('client', bare, limits) };
    views.server.commit(next, changes, continues);
    const visible = diffEntries(views.client.entries, selectClientView(views.server.entries));
    // The root and its signature are those of the server's view.
    views.client.commit(bare, visible, continues);
    head = next;
    return {
      kind: 'committed',
      commit: { changed: { flags: [...changes.flags.keys()], segments: [...changes.segments.keys()] } },
    };
  };

  return {
    view: (name) => views?.[name],
    replace: (ruleset) => {
      const next = headOf(ruleset);
      const changes = diffEntries(views?.server.entries ?? NOTHING, {
        flags: new Map(Object.entries(ruleset.flags)),
        segments: new Map(Object.entries(ruleset.segments)),
      });
      if (head === undefined) return commit(next, changes, false);
      if (next.environment !== head.environment) {
        return refuse(
          `the environment is now "${next.environment}", but this relay serves "${head.environment}"`,
          'Name the environment as before, or restart the relay to serve another one.',
        );
      }
      if (next.epoch < head.epoch || (next.epoch === head.epoch && next.version < head.version)) {
        return refuse(
          `the flags went back from version ${head.version} of epoch ${head.epoch} to version ${next.version} of epoch ${next.epoch}; clients never go back`,
          'To return to an earlier content, commit it as a new version. To start the history anew, restart the relay.',
        );
      }
      const isSameVersion = next.epoch === head.epoch && next.version === head.version;
      if (isSameVersion && isEmpty(changes)) return UNCHANGED;
      // Another content under the same version is a fork: whoever holds the old one gets everything anew.
      return commit(next, changes, next.epoch === head.epoch && !isSameVersion);
    },
    apply: (change) => {
      if (head === undefined || views === undefined) {
        return refuse('there is no ruleset yet that a change could be applied to', 'Replace the ruleset first.');
      }
      if (change.epoch !== undefined && change.epoch !== head.epoch) {
        return refuse(
          `the change is of epoch ${change.epoch}, but epoch ${head.epoch} is held`,
          'Send the whole ruleset of the new epoch.',
        );
      }
      if (change.version <= head.version) {
        return refuse(
          `the change has version ${change.version}, but version ${head.version} is held`,
          'Give every change set a version one higher than the last.',
        );
      }
      const changes = effectiveChanges(views.server.entries, {
        flags: new Map<string, Flag | null>(Object.entries(change.flags ?? {})),
        segments: new Map<string, Segment | null>(Object.entries(change.segments ?? {})),
      });
      return commit(headOf({ ...change, environment: head.environment, epoch: head.epoch }), changes, true);
    },
  };
}

const NOTHING: Entries = { flags: new Map(), segments: new Map() };
const UNCHANGED: CommitOutcome = { kind: 'unchanged' };

function refuse(message: string, hint: string): CommitOutcome {
  return { kind: 'refused', message, hint };
}

function headOf(source: RulesetHead): RulesetHead {
  const { environment, epoch, version, root, signature, keyId } = source;
  return {
    environment,
    epoch,
    version,
    ...(root === undefined ? {} : { root }),
    ...(signature === undefined ? {} : { signature }),
    ...(keyId === undefined ? {} : { keyId }),
  };
}
