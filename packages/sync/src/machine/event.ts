import type { HeldState } from '../protocol/change.ts';
import type { Held } from '../protocol/held.ts';
import type { Message } from '../protocol/message.ts';
import type { Source } from './state.ts';

/** When an event happened, and the chance that comes with it. The machine reads no clock and rolls no dice. */
export interface Stamp {
  /** Milliseconds of a clock that never jumps. */
  readonly at: number;
  /** The wall clock, epoch milliseconds. */
  readonly now: number;
  /** Uniform in `[0, 1)`. */
  readonly random: number;
}

/** What can happen to a client. `request` says which request it is about; news of one that is over is ignored. */
export type MachineEvent<H extends Held = HeldState> =
  /** The client starts, with what it already has. */
  | { readonly type: 'start'; readonly held?: H; readonly source?: Source }
  /** A response began. */
  | {
      readonly type: 'response';
      readonly request: number;
      readonly status: number;
      readonly contentType?: string | undefined;
      readonly retryAfter?: string | undefined;
    }
  /** Bytes came, of whatever kind. */
  | { readonly type: 'bytes'; readonly request: number }
  | { readonly type: 'message'; readonly request: number; readonly message: Message }
  /** A ruleset that was fetched by reference is whole: not yet compiled. */
  | { readonly type: 'loaded'; readonly request: number; readonly ruleset: unknown }
  /** A state was checked; `problem` says why it cannot be trusted. */
  | { readonly type: 'verified'; readonly request: number; readonly problem?: string | undefined }
  /** A known event could not be used. */
  | { readonly type: 'malformed'; readonly request: number; readonly problem: string }
  /** A request is over: the body ended, or `problem` says what failed. */
  | { readonly type: 'ended'; readonly request: number; readonly problem?: string | undefined }
  /** The timer fired. */
  | { readonly type: 'tick' }
  /** The platform came back to life, or to the network; time may have passed unseen. `slept`: its stream was given up meanwhile. */
  | { readonly type: 'wake'; readonly slept?: boolean | undefined }
  /** Somebody knows of a newer state: a live stream is opened anew, since it may be one that only seems to be. */
  | { readonly type: 'refresh' }
  /** Something else is held from now on, with what is at hand of it. */
  | { readonly type: 'switch'; readonly held: H | undefined; readonly source: Source | undefined }
  | { readonly type: 'close' };

/** An event with its stamp. */
export type StampedEvent<H extends Held = HeldState> = MachineEvent<H> & Stamp;

/** What became of a request. */
export type Answer = Extract<MachineEvent, { readonly request: number }>;

/** One kind of event, whatever is held. */
export type EventOf<Type extends MachineEvent['type']> = Extract<StampedEvent<Held>, { type: Type }>;
