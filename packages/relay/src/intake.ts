import type { FileProblem } from '@flags/config';
import { formatPosition } from '@flags/sync';
import type { ChangedKeys } from './changelog.ts';
import type { CommitOutcome, Environment } from './environment.ts';
import type { RelayLog } from './log.ts';
import { sourceProblem } from './problem.ts';
import type { SourceSink } from './sources/source.ts';
import type { Saved } from './tiers/saved.ts';

/** What an intake tells the rest of the relay. */
export interface IntakeOptions {
  readonly environment: Environment;
  readonly log: RelayLog;
  /** A change was taken over. */
  readonly onCommit: (changed: ChangedKeys) => void;
  readonly onBroken: (problems: readonly FileProblem[]) => void;
  readonly onMended: () => void;
}

/** Takes over what the source reports, and knows how well the source is. */
export interface Intake {
  readonly sink: SourceSink;
  /** The source cannot be used at the moment. */
  readonly isBroken: boolean;
  /** Since when what is held may be out of date, epoch milliseconds; `undefined` while the source is in order. */
  readonly staleSince: number | undefined;
  /** Begins with what an earlier run has kept, until the source answers. */
  restore(saved: Saved): void;
}

/** Creates the intake of an environment. */
export function createIntake(options: IntakeOptions): Intake {
  const { environment, log } = options;
  let isBroken = false;
  let staleSince: number | undefined;
  let isRestored = false;

  const broken = (problems: readonly FileProblem[]): void => {
    isBroken = true;
    staleSince ??= Date.now();
    const hold =
      environment.widest === undefined ? 'there are no flags to serve yet' : 'the last good flags stay in use';
    log.warn({ problems }, `the source cannot be used; ${hold}`);
    options.onBroken(problems);
  };

  const take = (outcome: CommitOutcome): void => {
    if (outcome.kind === 'refused') {
      return broken([sourceProblem('source', 'HISTORY', outcome.message, outcome.hint)]);
    }
    isRestored = false;
    staleSince = undefined;
    if (isBroken) {
      isBroken = false;
      log.info({}, 'the source can be used again');
      options.onMended();
    }
    if (outcome.kind === 'committed') committed(outcome.commit.changed);
  };

  const committed = (changed: ChangedKeys): void => {
    const { widest } = environment;
    if (widest === undefined) return;
    log.info({ position: formatPosition(widest.position), changed }, 'took over a change');
    options.onCommit(changed);
  };

  return {
    sink: {
      replace: (ruleset) => {
        if (isRestored && environment.name !== ruleset.environment) {
          log.warn({}, `the snapshot is not used any more: it is of the environment "${environment.name}"`);
          environment.forget();
        }
        take(environment.replace(ruleset));
      },
      apply: (change) => take(environment.apply(change)),
      learn: environment.learn,
      current: () => take({ kind: 'unchanged' }),
      broken,
      doubtful: (problems) => log.warn({ problems }, 'the source is in use, but something about it is doubtful'),
    },
    get isBroken() {
      return isBroken;
    },
    get staleSince() {
      return staleSince;
    },
    restore: ({ ruleset, history, at }) => {
      const outcome = environment.replace(ruleset);
      if (history !== undefined) environment.learn(history);
      isRestored = true;
      staleSince = at;
      log.info({}, `serving the snapshot of ${new Date(at).toISOString()} until the source answers`);
      if (outcome.kind === 'committed') committed(outcome.commit.changed);
    },
  };
}
