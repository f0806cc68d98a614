import type { CreateExposures } from './exposures.ts';
import type { Loads } from './link.ts';
import type { CreateSnapshots } from './snapshots.ts';
import type { CreateTimeWatch } from './time-watch.ts';

/** Parts of a client that a platform may leave out; a bundle pays only for those it names. */
export interface Parts {
  /** Keeps the rules for the next run. Without it the client starts with its bootstrap alone. */
  readonly createSnapshots?: CreateSnapshots | undefined;
  /** Reports what is read. Without it nothing is reported, whatever the option `exposures` says. */
  readonly createExposures?: CreateExposures | undefined;
  /** Fetches long rulesets by reference. Without it a snapshot is asked for instead. */
  readonly loads?: Loads | undefined;
  /** Notices when time alone may have changed an answer. Without it reads are as exact, but listeners hear of new rules alone. */
  readonly createTimeWatch?: CreateTimeWatch | undefined;
  /**
   * Calls back whenever the platform comes back to life or to the network, and answers how to stop; `slept` where its transport gave
   * the stream up meanwhile. Without it a sleep is noticed by a timer that fires late.
   */
  readonly onWake?: ((wake: (slept?: boolean) => void) => () => void) | undefined;
}
