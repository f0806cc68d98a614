import type { Problem } from './state.ts';

/** How a client stays current: by a stream (with polling as a fallback), by polling alone, or not at all. */
export type SyncMode = 'stream' | 'poll' | 'offline';

/** A range of milliseconds to draw from. */
export type Range = readonly [min: number, max: number];

/** Every number the machine decides with, and its words. All times are milliseconds. */
export interface Policy {
  readonly mode: SyncMode;
  /** Whether a refused key can be asked for again. */
  readonly canRefreshKey: boolean;
  /** Ceiling of the first delay; it doubles with each failure. */
  readonly backoffBase: number;
  /** Highest ceiling. 10 s: one core takes thousands of reconnects a second, so a longer one only delays recovery. */
  readonly backoffCap: number;
  /** A stream that lived this long forgets earlier failures. */
  readonly healthyAfter: number;
  /** Between attempts after a refusal that another attempt will hardly change (key, path, format). */
  readonly refusedRetry: Range;
  /** Between attempts once the server said that this environment is gone. */
  readonly goneRetry: Range;
  /** Between stream attempts on a path that does not pass streams on. */
  readonly blockedRetry: Range;
  /** The longest `Retry-After` that is believed. */
  readonly retryAfterCap: number;
  /** From request to response. */
  readonly responseTimeout: number;
  /** From response to first event; later means that something on the path buffers. */
  readonly firstEventTimeout: number;
  /** Heartbeat interval until the server says its own. */
  readonly heartbeat: number;
  /** A stream is dead after this many heartbeat intervals without a byte. */
  readonly deadFactor: number;
  /** Failures in a row before polling starts beside the attempts. */
  readonly fallbackFailures: number;
  /** Time without a stream before polling starts beside the attempts; `firstEventTimeout` at a start without any rules. */
  readonly fallbackAfter: number;
  /** Between polls, drawn anew each time. */
  readonly pollInterval: Range;
  /** From a poll's request to the end of its response. */
  readonly pollTimeout: number;
  /** From the request of a ruleset by reference to its last byte. */
  readonly loadTimeout: number;
  /** The most characters of deltas that wait for such a ruleset. */
  readonly queueLimit: number;
  /** From applying something to saying so, where the server wants to hear it; what comes meanwhile needs no word of its own. */
  readonly ackDelay: Range;
  /** A timer that fires later than this, or a wall clock that jumps ahead by more, means that the machine slept. */
  readonly sleepAfter: number;
  /** Until the next attempt after that: every program on a machine, and every machine on a host, wakes at the same moment. */
  readonly wakeDelay: Range;
  /** A stream that was silent for longer is not trusted when the platform wakes. Bytes come every 15 s. */
  readonly wakeIdle: number;
  /** The longest heartbeat interval that is believed. */
  readonly heartbeatCap: number;
  /** How long the server may be ahead before a delta counts as lost. */
  readonly aheadGrace: number;
  /** Between resyncs that did not bring client and server together. */
  readonly resyncHold: Range;
  /** Clocks that differ by less are taken as equal. */
  readonly clockTolerance: number;
  /** What users read of a problem, in one line. */
  readonly describe: (problem: Problem) => string;
}

/** The constants of the sync protocol. */
export const DEFAULT_POLICY: Policy = {
  mode: 'stream',
  canRefreshKey: false,
  backoffBase: 1_000,
  backoffCap: 10_000,
  healthyAfter: 60_000,
  refusedRetry: [150_000, 300_000],
  goneRetry: [2_880_000, 4_320_000],
  blockedRetry: [240_000, 360_000],
  retryAfterCap: 3_600_000,
  responseTimeout: 15_000,
  firstEventTimeout: 5_000,
  heartbeat: 30_000,
  deadFactor: 2.5,
  fallbackFailures: 5,
  fallbackAfter: 120_000,
  pollInterval: [24_000, 36_000],
  pollTimeout: 30_000,
  loadTimeout: 60_000,
  queueLimit: 1_048_576,
  ackDelay: [1_000, 2_000],
  sleepAfter: 10_000,
  wakeDelay: [0, 1_000],
  wakeIdle: 20_000,
  heartbeatCap: 300_000,
  aheadGrace: 2_000,
  resyncHold: [150_000, 450_000],
  clockTolerance: 2_000,
  describe: ({ code, message }) => `${code}: ${message}`,
};
