import type { Effect } from '../machine/effect.ts';
import type { Answer } from '../machine/event.ts';
import type { Loading } from '../machine/turn.ts';
import type { Reader } from '../protocol/reader.ts';
import type { TransportReceiver, TransportRequest } from './ports.ts';

/** Fetches rulesets by reference. */
export interface Loads {
  /** Reads the event that may refer to a ruleset. */
  readonly readFullSync: Reader;
  /** What the machine does for it. */
  readonly loading: Loading;
  /** Carries the effect out. */
  readonly load: (effect: Extract<Effect, { type: 'load' }>, serverUrl: string, link: Link) => void;
}

/** What fetches rules by reference can do with the requests of a runtime. */
export interface Link {
  readonly dispatch: (event: Answer) => void;
  /** Makes the request that an effect asked for; with the key, unless `refreshKey` is undefined. */
  readonly open: (asked: Asked, plan: () => TransportRequest, receiver: TransportReceiver) => void;
  /** Says that a request is over, unless it was before. */
  readonly settle: (event: Answer) => void;
}

/** A request that the machine asked for. */
export interface Asked {
  readonly request: number;
  readonly refreshKey: boolean | undefined;
}
