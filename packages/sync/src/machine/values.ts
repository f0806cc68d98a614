import type { Held } from '../protocol/held.ts';
import { freeze } from '../protocol/freeze.ts';
import type { FlagReading, Values } from '../protocol/message.ts';
import type { Position } from '../protocol/position.ts';
import { comparePositions, isSamePosition } from '../protocol/position.ts';
import { readingShare } from '../protocol/reading-share.ts';
import { formatStateHash } from '../protocol/state-hash.ts';
import type { Content } from './content.ts';

/** What flags give for one context, evaluated by the server. */
export interface HeldValues extends Held {
  /** Frozen. A reading that stays what it was stays the same object. */
  readonly values: ReadonlyMap<string, FlagReading>;
}

type Readings = Values['values'];

const NONE: ReadonlyMap<string, FlagReading> = new Map();

/** Holds all values of a context at this position; its hash is computed here. */
export function holdValues(
  readings: Readings,
  { epoch, version }: Pick<Position, 'epoch' | 'version'>,
  known: ReadonlyMap<string, FlagReading> = NONE,
): HeldValues {
  return fold(NONE, 0, readings, { epoch, version }, known);
}

function fold(
  start: ReadonlyMap<string, FlagReading>,
  startHash: number,
  readings: Readings,
  { epoch, version }: Pick<Position, 'epoch' | 'version'>,
  known: ReadonlyMap<string, FlagReading>,
): HeldValues {
  const values = new Map(start);
  let hash = startHash;
  for (const [key, reading] of Object.entries(readings)) {
    const before = known.get(key);
    const [out, share] = [readingShare(key, before), readingShare(key, reading)];
    hash += share - (start.has(key) ? out : 0);
    if (reading === null) values.delete(key);
    else values.set(key, out === share && before?.version === reading.version ? before! : freeze(reading));
  }
  hash >>>= 0;
  return { values, hash, position: { epoch, version, hash: formatStateHash(hash) } };
}

/** Holds values. */
export const VALUES: Content<HeldValues> = {
  sort: (message) => {
    if (message.type !== 'VALUES') return 'The server sent rules where values are expected.';
    const { from, position, values } = message;
    return from ? { kind: 'change', change: { ...message, from } } : { kind: 'whole', position, json: values };
  },
  whole: (json, position, held) => holdValues(json as Readings, position, held?.values),
  judge: (held, { from, position }) => {
    if (held === undefined) return 'gap';
    const at = held.position;
    if (comparePositions(position, at) < 0 || isSamePosition(position, at)) return 'ignore';
    // By its hash alone what it begins with is known: the clock changes values at one version, and commits need not.
    return position.epoch === at.epoch && from.version <= at.version && from.hash === at.hash ? 'apply' : 'gap';
  },
  apply: (held, change) =>
    change.type === 'VALUES' ? fold(held.values, held.hash, change.values, change.position, held.values) : held,
};
