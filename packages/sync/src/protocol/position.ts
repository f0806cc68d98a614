/**
 * A place in the history of one view of an environment. It certifies itself: the hash says what the view holds at
 * that version, so any replica can resume from it or notice that histories have forked.
 */
export interface Position {
  /** Names the history; epochs sort by the time they were minted. */
  readonly epoch: string;
  /** The ruleset version. */
  readonly version: number;
  /** The view's state hash: 8 hexadecimal digits. */
  readonly hash: string;
}

/** The longest text of a position, in characters (all of them ASCII). */
export const MAX_POSITION_LENGTH = 64;

// Lower case, digits, `.`, `_` and `-` only: any other byte in `Last-Event-ID` can cost a CORS preflight on every reconnect.
const PATTERN = /^([0-9a-z_-]+)\.(0|[1-9][0-9]{0,15})\.([0-9a-f]{8})$/;

/** Writes a position as `epoch.version.hash`, e.g. `01j9zk3w7qx4m2tb.1042.9f3a77c1`. */
export function formatPosition(position: Position): string {
  return `${position.epoch}.${position.version}.${position.hash}`;
}

/** Reads a position from untrusted input; `undefined` for anything that is not one. */
export function parsePosition(text: unknown): Position | undefined {
  if (typeof text !== 'string' || text.length > MAX_POSITION_LENGTH) return undefined;
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, epoch, digits, hash] = match as unknown as [string, string, string, string];
  const version = Number(digits);
  return Number.isSafeInteger(version) ? { epoch, version, hash } : undefined;
}

/** Orders positions by epoch, then version: negative when `a` is older, 0 when neither is. The hash has no order. */
export function comparePositions(a: Position, b: Position): number {
  if (a.epoch !== b.epoch) return a.epoch < b.epoch ? -1 : 1;
  return a.version - b.version;
}

/** Whether both name the same state: same epoch, version and hash. */
export function isSamePosition(a: Position, b: Position): boolean {
  return a.epoch === b.epoch && a.version === b.version && a.hash === b.hash;
}
