import type { HeldState } from '../protocol/change.ts';
import type { Held } from '../protocol/held.ts';
import type { Change } from '../protocol/message.ts';
import type { Position } from '../protocol/position.ts';

/** Where the rules that are served came from. */
export type Source = 'bootstrap' | 'cache' | 'network';

/**
 * Why a client is not live. `auth`: the key was refused; `not-found`: no such path or environment; `gone`: the server
 * will not serve it again; `refused`: the request was turned down for another reason; `format`: the ruleset needs a newer
 * client; `blocked`: something on the way keeps streams back; `network`, `server`, `data`: unreachable, in trouble, unreadable;
 * `integrity`: what came is not what a pinned key has signed.
 */
export type ProblemCode =
  | 'auth'
  | 'not-found'
  | 'gone'
  | 'refused'
  | 'format'
  | 'blocked'
  | 'network'
  | 'server'
  | 'data'
  | 'integrity';

/** What keeps a client from being live. */
export interface Problem {
  readonly code: ProblemCode;
  /** The fact in a few words, as the machine finds it; in its state, what `Policy.describe` makes of it. */
  readonly message: string;
}

/** The one stream. */
export interface StreamState {
  readonly request: number;
  /** `requested`: no response yet; `accepted`: waiting for the first event; `live`: events have come. */
  readonly stage: 'requested' | 'accepted' | 'live';
  readonly lastByteAt: number;
  /** The server's heartbeat interval. */
  readonly heartbeat: number;
  /** What the server calls this stream, when it wants to hear what was applied. */
  readonly ackAs: string | undefined;
  /** Heartbeats since the last acknowledgement. */
  readonly beats: number;
}

/** A ruleset on its way: fetched beside the stream, or being verified. */
export interface LoadState {
  /** The load's own request; or the poll's, once the reference was of no use and a snapshot has to do. */
  readonly request: number;
  /** What it will be, as the server says. */
  readonly position: Position;
  /** What the stream said since, to be applied after it. */
  readonly deltas: readonly Change[];
  /** About how long they are together, in characters. */
  readonly size: number;
  /** The last delta that found no room; the others were dropped then. */
  readonly missed: Position | undefined;
  /** What is there, while it is verified. */
  readonly after?: Held | undefined;
}

/** A server of an older epoch than that of what is held. */
export interface OlderServer {
  readonly epoch: string;
  /** When to stop waiting for it to catch up; `undefined` when its rules may be taken, or never. */
  readonly at: number | undefined;
}

/** A resync that waits for its moment, and the position it is to reach. */
export interface Resync {
  readonly at: number;
  readonly position: Position;
}

/** Everything the machine knows. Times are those of the stamps' monotonic clock. */
export interface MachineState<H extends Held = HeldState> {
  readonly lifecycle: 'idle' | 'running' | 'closed';
  readonly held?: H | undefined;
  readonly source?: Source | undefined;
  /** Whether what is held was current when last heard of. */
  readonly fresh: boolean;
  /** Whether the last full sync or delta did not add up to the server's hash. */
  readonly drift: boolean;
  /** How often it did not, or a heartbeat said that what is held is something else. */
  readonly drifts: number;
  /** The server's clock minus ours, when they differ too much to be ignored. */
  readonly clockOffset: number;
  readonly problem?: Problem | undefined;
  /** Number of the last request; requests count up from 1. */
  readonly lastRequest: number;
  readonly stream?: StreamState | undefined;
  /** The one ruleset that is being loaded beside the stream. */
  readonly load?: LoadState | undefined;
  /** The request of the one poll under way. */
  readonly poll?: number | undefined;
  /** Whether polls are made, as the mode or beside failing streams. */
  readonly polling: boolean;
  /** Failed attempts in a row. */
  readonly failures: number;
  /** The key was refused since the last success, and is asked for again before each request. */
  readonly keyRefreshed: boolean;
  /** The next request asks for everything: resuming was refused or brought something unreadable. */
  readonly startOver: boolean;
  readonly resync?: Resync | undefined;
  readonly olderServer?: OlderServer | undefined;
  /** What was applied last, and when. */
  readonly applied?: { readonly position: Position; readonly at: number } | undefined;
  /** The request of the one acknowledgement under way. */
  readonly ack?: number | undefined;
  /** The wall clock minus the stamps' clock, at the last event. */
  readonly clockGap: number;
  /** No resync before this time. */
  readonly resyncHoldUntil?: number | undefined;
  /** When to open the stream. */
  readonly retryAt?: number | undefined;
  /** When to give up waiting for a response, a first event, or any byte. */
  readonly streamDeadAt?: number | undefined;
  /** When the stream counts as healthy. */
  readonly healthyAt?: number | undefined;
  /** When to start polling beside the attempts. */
  readonly fallbackAt?: number | undefined;
  readonly pollAt?: number | undefined;
  readonly pollDeadAt?: number | undefined;
  readonly loadDeadAt?: number | undefined;
  readonly ackAt?: number | undefined;
  /** When the one timer is set to fire. */
  readonly timerAt?: number | undefined;
}

/** A client that has not started. */
export const INITIAL_STATE: MachineState<never> = {
  lifecycle: 'idle',
  fresh: false,
  drift: false,
  drifts: 0,
  clockOffset: 0,
  lastRequest: 0,
  polling: false,
  failures: 0,
  keyRefreshed: false,
  startOver: false,
  clockGap: 0,
};
