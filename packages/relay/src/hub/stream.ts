import type { Buffer } from 'node:buffer';
import type { Position } from '@flags/sync';
import type { Feed } from '../feed.ts';

/** The writing end of one connection. */
export interface Outlet {
  /** Bytes handed over that the network has not taken yet. */
  readonly unsent: number;
  write(bytes: Buffer): void;
  /** Closes after everything handed over is sent. */
  end(): void;
  /** Closes at once, whatever is unsent. */
  destroy(): void;
  /** Called the next time that everything handed over has been taken, after some had to wait. */
  onceDrained(listener: () => void): void;
  /** Called once with this stream, whoever closed the connection. The stream comes apart from the listener, so that all may share one. */
  onClose(listener: (stream: Stream) => void, stream: Stream): void;
}

/** One live stream. */
export interface Stream {
  readonly id: string;
  readonly outlet: Outlet;
  readonly feed: Feed;
  /** Whose key opened it. */
  readonly keyId: string;
  /** Its turn of the heartbeat wheel. */
  readonly slot: number;
  /** When it is asked to come back, perhaps to another relay; on the steady clock, as are all times here. */
  readonly rotateAt: number;
  /** What was sent last, or what the client came with. */
  position: Position | undefined;
  /** What it began with, and then what it has acknowledged. */
  acked: Position;
  /** When it last acknowledged anything; `undefined` until it does. */
  ackedAt: number | undefined;
  /** Is passed over until what it was sent drains. */
  isLate: boolean;
  /** Has been told goodbye, was cut, or has closed: nothing is written to it any more. */
  isOver: boolean;
  /** Its connection is gone. */
  isClosed: boolean;
}
