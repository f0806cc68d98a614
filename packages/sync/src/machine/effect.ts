import type { ClientStatus } from './status.ts';
import type { HeldState } from '../protocol/change.ts';
import type { Held } from '../protocol/held.ts';
import type { Change, RulesetRef } from '../protocol/message.ts';

/** What the machine wants done. The runtime carries it out and decides nothing. */
export type Effect<H extends Held = HeldState> =
  /** Open the stream, resuming from `position`. There is no other stream at this moment. */
  | {
      readonly type: 'connect';
      readonly request: number;
      readonly position: string | undefined;
      readonly refreshKey: boolean;
    }
  /** Fetch the snapshot, or what changed since `position`. There is no other such request at this moment. */
  | {
      readonly type: 'poll';
      readonly request: number;
      readonly position: string | undefined;
      readonly refreshKey: boolean;
    }
  /** Fetch a ruleset and check that it is the one meant. There is no other such request at this moment. */
  | { readonly type: 'load'; readonly request: number; readonly ref: RulesetRef }
  /** Check that a state is what its origin signed. There is no other such request, and no load, at this moment. */
  | {
      readonly type: 'verify';
      readonly request: number;
      readonly before: H | undefined;
      readonly after: H;
      /** What made it of the state before; absent when it came whole. */
      readonly change: Change | undefined;
    }
  /** Tell the server what was applied, and `lagMs` ago. Whatever becomes of it is no news. */
  | {
      readonly type: 'ack';
      readonly request: number;
      readonly stream: string;
      readonly position: string;
      readonly lagMs: number;
    }
  /** End a request; nothing more is wanted of it. */
  | { readonly type: 'cancel'; readonly request: number }
  /** Have one timer, to fire at this time of the stamps' clock; it replaces the one before. `undefined`: have none. */
  | { readonly type: 'timer'; readonly at: number | undefined }
  /** What is held was replaced. */
  | { readonly type: 'changed'; readonly before: H | undefined; readonly after: H }
  /** The position moved on over commits that leave what is held as it is. */
  | { readonly type: 'moved'; readonly held: H }
  /** A switch is done; what follows is of what is held since. */
  | { readonly type: 'switched' }
  | { readonly type: 'status'; readonly status: ClientStatus }
  | { readonly type: 'log'; readonly level: 'info' | 'warn'; readonly text: string };
