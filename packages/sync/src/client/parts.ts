import type { CreateExposures } from './exposures.ts';
import type { CreateSnapshots } from './snapshots.ts';

/** Parts of a client that a platform may leave out; a bundle pays only for those it names. */
export interface Parts {
  /** Keeps the rules for the next run. Without it the client starts with its bootstrap alone. */
  readonly createSnapshots?: CreateSnapshots | undefined;
  /** Reports what is read. Without it nothing is reported, whatever the option `exposures` says. */
  readonly createExposures?: CreateExposures | undefined;
}
