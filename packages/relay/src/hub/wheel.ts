/** Idle timeouts on the way to a client start at 30 s: each stream gets bytes at least this often. */
const MAX_QUIET_MS = 15_000;
/** Streams take their turns in slots of this length: 10 000 of them are 67 writes at a time, and no burst. */
const SLOT_MS = 100;
/** With few, a timer that comes a little late would miss a whole revolution. */
const MIN_SLOTS = 15;

/** Whose turn it is, and for what. */
export interface WheelOptions<T> {
  /** Between two heartbeats of a stream. */
  readonly heartbeatMs: number;
  /** The streams of one slot are due a heartbeat. */
  readonly onBeat: (slot: ReadonlySet<T>) => void;
  /** The streams of one slot are due a sign of life between two heartbeats. */
  readonly onQuiet: (slot: ReadonlySet<T>) => void;
}

/** Spreads streams over time, so that each has its turn and no two slots differ much in size. */
export interface Wheel<T> {
  /** The slot with the fewest streams; whoever closes, the slots stay even. */
  emptiest(): number;
  add(slot: number, one: T): void;
  delete(slot: number, one: T): void;
  /** There is no turn after this. */
  stop(): void;
}

/** Creates a wheel that turns at once. Its timer keeps no process alive. */
export function createWheel<T>({ heartbeatMs, onBeat, onQuiet }: WheelOptions<T>): Wheel<T> {
  // A revolution gives every stream one turn: a heartbeat in the first of each interval, a sign of life in the others.
  const revolutions = Math.max(2, Math.ceil(heartbeatMs / MAX_QUIET_MS));
  const period = heartbeatMs / revolutions;
  const count = Math.max(MIN_SLOTS, Math.round(period / SLOT_MS));
  const slots = Array.from({ length: count }, () => new Set<T>());
  const start = performance.now();
  let taken = 0;
  let next = 0;

  const turn = (): void => {
    const due = Math.floor(((performance.now() - start) / period) * count);
    // A timer that comes late makes up for what it missed, but after a sleep nobody needs more than one turn.
    taken = Math.max(taken, due - count);
    for (; taken < due; taken += 1) {
      const slot = slots[taken % count];
      if (slot === undefined || slot.size === 0) continue;
      if (Math.floor(taken / count) % revolutions === 0) onBeat(slot);
      else onQuiet(slot);
    }
  };
  const timer = setInterval(turn, Math.max(period / count, 1)).unref();

  return {
    emptiest: () => {
      // From one after the last, so that a wheel without streams fills evenly in time.
      let best = next % count;
      for (let step = 1; step < count; step += 1) {
        const at = (next + step) % count;
        if ((slots[at]?.size ?? 0) < (slots[best]?.size ?? 0)) best = at;
      }
      next = best + 1;
      return best;
    },
    add: (slot, one) => void slots[slot]?.add(one),
    delete: (slot, one) => void slots[slot]?.delete(one),
    stop: () => clearInterval(timer),
  };
}
