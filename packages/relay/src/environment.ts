import type { Flag, Ruleset, RulesetChange, Seal, Segment } from '@flags/core';
import type { ChangedKeys, ChangelogLimits } from './changelog.ts';
import { selectClientView } from './client-view.ts';
import type { Entries, EntryChanges } from './entries.ts';
import { diffEntries, effectiveChanges, isEmpty } from './entries.ts';
import type { History } from './history.ts';
import type { Sealer } from './sealer.ts';
import type { RulesetHead, View, ViewName } from './view.ts';
import { createView, VIEW_NAMES } from './view.ts';

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
  /** `undefined` until there is a first ruleset; and for good where the relay is fed with another view alone. */
  view(name: ViewName): View | undefined;
  /** All that is held: the server's view, or the client's where the relay is fed with that alone. `undefined` at first. */
  readonly widest: View | undefined;
  /** Its name; `undefined` at first. */
  readonly name: string | undefined;
  /** What the relay is fed with: everything, or what a client key is shown. */
  readonly scope: ViewName;
  /** Takes over a whole ruleset. Never one that is older than what is held: clients do not go back, so neither does a relay. */
  replace(ruleset: Ruleset): CommitOutcome;
  /** Takes over a change set that follows what is held. */
  apply(change: RulesetChange): CommitOutcome;
  /** What is held is of no account: whatever comes next replaces it. Streams stay where they are until then. */
  forget(): void;
  /** The states of all views, from the one that held at this version; all without one. Only when there is a ruleset. */
  history(from?: number): History;
  /** Takes over how earlier states lead to those held here; what does not lead here is left out. */
  learn(history: History): void;
}

/** How an environment is set up. */
export interface EnvironmentOptions {
  readonly limits?: ChangelogLimits;
  /** `server` when absent. */
  readonly scope?: ViewName;
  /** Signs every commit. Without one, signatures are those of whoever the flags come from. */
  readonly sealer?: Sealer | undefined;
}

/** Creates an environment that holds nothing yet. */
export function createEnvironment({ limits, scope = 'server', sealer }: EnvironmentOptions = {}): Environment {
  let head: RulesetHead | undefined;
  let views: { readonly widest: View; readonly client: View } | undefined;

  const createViews = (next: RulesetHead): { readonly widest: View; readonly client: View } => {
    const client = createView('client', next, limits);
    return { widest: scope === 'server' ? createView('server', next, limits) : client, client };
  };

  const view = (name: ViewName): View | undefined => {
    if (name === 'client') return views?.client;
    return scope === 'server' ? views?.widest : undefined;
  };

  const seal = ({ widest, client }: NonNullable<typeof views>, seals: readonly Seal[]): void => {
    // The server's view has those of both, for relays that follow with a server key.
    client.seal(seals.filter(({ view: name }) => name === 'client'));
    if (client !== widest) widest.seal(seals);
  };

  const commit = (
    next: RulesetHead,
    seals: readonly Seal[],
    changes: EntryChanges,
    continues: boolean,
  ): CommitOutcome => {
    views ??= createViews(next);
    const { widest, client } = views;
    widest.commit(next, changes, continues);
    sealer?.change(scope, changes);
    if (client !== widest) {
      const visible = diffEntries(client.entries, selectClientView(widest.entries));
      client.commit(next, visible, continues);
      sealer?.change('client', visible);
    }
    seal(views, sealer?.seals(next) ?? seals);
    head = next;
    return {
      kind: 'committed',
      commit: { changed: { flags: [...changes.flags.keys()], segments: [...changes.segments.keys()] } },
    };
  };

  return {
    view,
    get widest() {
      return views?.widest;
    },
    get name() {
      return head?.environment;
    },
    scope,
    forget: () => {
      head = undefined;
    },
    replace: (ruleset) => {
      const next = headOf(ruleset);
      const { seals = [] } = ruleset;
      const changes = diffEntries(views?.widest.entries ?? NOTHING, {
        flags: new Map(Object.entries(ruleset.flags)),
        segments: new Map(Object.entries(ruleset.segments)),
      });
      if (head === undefined) return commit(next, seals, changes, false);
      if (next.environment !== head.environment) {
        return refuse(
          `the environment is now "${next.environment}", but this relay serves "${head.environment}"`,
          'Name the environment as before, or restart the relay to serve another one.',
        );
      }
      if (next.epoch < head.epoch || (next.epoch === head.epoch && next.version < head.version)) {
        return refuse(
          `the flags went back from version ${head.version} of epoch ${head.epoch} to version ${next.version} of epoch ${next.epoch}; clients never go back`,
          'To return to an earlier content, commit it as a new version. To start the history anew, restart the relay without its snapshot.',
        );
      }
      const isSameVersion = next.epoch === head.epoch && next.version === head.version;
      if (isSameVersion && isEmpty(changes)) {
        if (views !== undefined && sealer === undefined && seals.length > 0) seal(views, seals);
        return UNCHANGED;
      }
      // Another content under the same version is a fork: whoever holds the old one gets everything anew.
      return commit(next, seals, changes, next.epoch === head.epoch && !isSameVersion);
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
      const changes = effectiveChanges(views.widest.entries, {
        flags: new Map<string, Flag | null>(Object.entries(change.flags ?? {})),
        segments: new Map<string, Segment | null>(Object.entries(change.segments ?? {})),
      });
      const { environment, epoch } = head;
      return commit({ environment, epoch, version: change.version }, change.seals ?? [], changes, true);
    },
    history: (from) => ({
      epoch: head?.epoch ?? '',
      views: Object.fromEntries(VIEW_NAMES.map((name) => [name, view(name)?.commits(from)])),
    }),
    learn: (history) => {
      if (history.epoch !== head?.epoch) return;
      for (const name of VIEW_NAMES) view(name)?.learn(history.views[name] ?? []);
    },
  };
}

const NOTHING: Entries = { flags: new Map(), segments: new Map() };
const UNCHANGED: CommitOutcome = { kind: 'unchanged' };

function refuse(message: string, hint: string): CommitOutcome {
  return { kind: 'refused', message, hint };
}

function headOf(source: RulesetHead): RulesetHead {
  const { environment, epoch, version } = source;
  return { environment, epoch, version };
}
