import type { CapacityLimits } from './capacity.ts';

/** The numbers of a hub. */
export interface HubOptions extends CapacityLimits {
  /** Between heartbeats of a stream. Comments go between them, so that no stream is quiet for more than 15 s. */
  readonly heartbeatMs: number;
  /** Whether streams are asked to acknowledge what they have applied. */
  readonly acks: boolean;
  /** Streams older than 80 to 100 % of this are asked to come back. */
  readonly maxStreamAgeMs: number;
  /** A reader has this long for each MiB it is sent. */
  readonly stallMs: number;
  /** Memory that may wait for readers, over all streams. */
  readonly maxBacklogBytes: number;
  /** Whether a key is still valid. Asked before anything is written; has to be quick. */
  readonly isAllowed: (keyId: string) => boolean;
  /** Chance, in `[0, 1)`. */
  readonly random: () => number;
  /** Called after a fan-out, with the time from the first `publish` it serves to the last stream's write. */
  readonly onFanOut: ((ms: number) => void) | undefined;
}

/** What a hub does when it is not told otherwise. */
export const DEFAULT_HUB_OPTIONS: HubOptions = {
  heartbeatMs: 30_000,
  acks: false,
  // Below the 20 000 open files that systems often allow: a relay has other files and connections, too.
  maxStreams: 15_000,
  maxStreamsPerKey: undefined,
  serverReserve: undefined,
  // A single relay gains nothing from it; behind a load balancer a new one gets its share of streams.
  maxStreamAgeMs: Infinity,
  stallMs: 15_000,
  maxBacklogBytes: 64 * 1_048_576,
  isAllowed: () => true,
  random: Math.random,
  onFanOut: undefined,
};
