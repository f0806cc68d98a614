import type { Clock, Logger, Random } from './ports.ts';

/** What is asked about one unit. */
export interface SegmentQuestion {
  /** The unit, as text: the context's targeting key, or what stands at `by`. */
  readonly unit: string;
  /** The attribute that the unit is of: `targetingKey`, unless the segments say otherwise. */
  readonly by: string;
  /** The external segments that flags depend on. */
  readonly segments: readonly string[];
}

/** Says which of these segments hold for this unit. It has nothing else to go by, since answers are kept for the unit. */
export type LookUpSegments = (question: SegmentQuestion) => Iterable<string> | Promise<Iterable<string>>;

/** How answers are kept. */
export interface LookupSettings {
  readonly maxUnits: number;
  readonly ttlMs: number;
  readonly timeoutMs: number;
}

/** Where an answer came from: memory · memory, though it is old · the lookup · nowhere. */
export type SegmentsFrom = 'cache' | 'stale' | 'lookup' | 'nowhere';
/** What became of a lookup. */
export type LookupOutcome = 'answered' | 'failed' | 'timeout';

/** Hears of every question and every lookup. */
export interface SegmentsObserver {
  answered(from: SegmentsFrom): void;
  lookedUp(outcome: LookupOutcome, ms: number): void;
}

/** What lookups run on. */
export interface LookupPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly observer?: SegmentsObserver | undefined;
}

/** What is known of a unit. */
export interface Membership {
  /** The segments that it says something about. */
  readonly asked: ReadonlySet<string>;
  /** Those of them that hold. */
  readonly held: ReadonlySet<string>;
}

/** A question, and what may be done about it. */
export interface Asking {
  readonly by: string;
  readonly unit: string;
  /** What has to be known. */
  readonly needed: ReadonlySet<string>;
  /** What is asked, where anything is: a unit is asked about once for all flags. */
  readonly all: ReadonlySet<string>;
  /** Takes a lookup that goes on after an old answer was given. */
  readonly later: (work: Promise<unknown>) => void;
}

/** Asks about units, and keeps the answers. */
export interface SegmentLookups {
  /** What is known, at once where it is; `undefined` when nothing is. Never rejects. */
  ask(asking: Asking): Membership | undefined | Promise<Membership | undefined>;
}

interface Entry extends Membership {
  readonly askedAt: number;
  readonly freshUntil: number;
  readonly usableUntil: number;
}

interface Flight {
  readonly asked: ReadonlySet<string>;
  readonly askedAt: number;
  readonly done: Promise<Membership | undefined>;
  /** Nobody waits for it any more. */
  giveUp(): void;
}

/** After so many failures in a row nothing is asked for a while, or every request would wait for what does not answer. */
const PATIENCE = 5;
const PAUSE = 5_000;

/** Creates lookups that know nothing yet. */
export function createLookups(
  lookUp: LookUpSegments,
  { maxUnits, ttlMs, timeoutMs }: LookupSettings,
  { clock, random, logger, observer }: LookupPorts,
): SegmentLookups {
  // A map remembers the order in which keys were added: the first is the one that was not used for longest.
  const entries = new Map<string, Entry>();
  const flights = new Map<string, Flight>();
  let failures = 0;
  let pausedUntil = -Infinity;
  const around = (ms: number): number => ms * (0.8 + 0.4 * random());

  function keep(id: string, entry: Entry): void {
    entries.delete(id);
    entries.set(id, entry);
    if (entries.size > maxUnits) for (const oldest of entries.keys()) return void entries.delete(oldest);
  }

  function store(id: string, asked: ReadonlySet<string>, held: ReadonlySet<string>, askedAt: number): Membership {
    const before = entries.get(id);
    // An answer that comes after a later question's is the older one.
    if (before !== undefined && before.askedAt > askedAt) return before;
    const now = clock.monotonic();
    const ttl = around(ttlMs);
    const entry = { asked, held, askedAt, freshUntil: now + ttl, usableUntil: now + 2 * ttl };
    keep(id, entry);
    return entry;
  }

  function failed(why: string): void {
    failures += 1;
    if (failures >= PATIENCE) pausedUntil = clock.monotonic() + around(PAUSE);
    if (failures > 1) return;
    logger.warn(`External segments could not be looked up: ${why}. What is known of a unit is used on.`);
  }

  function succeeded(): void {
    if (failures > 0) logger.info('External segments can be looked up again.');
    failures = 0;
    pausedUntil = -Infinity;
  }

  function launch(id: string, { by, unit, all: asked }: Asking): Flight {
    const askedAt = clock.monotonic();
    // Flights are in the order of their times.
    for (const [other, flight] of flights) {
      if (isUnderWay(flight)) break;
      flights.delete(other);
    }
    let isOver = false;
    let tell = (_answer?: Membership): void => {};
    const done = new Promise<Membership | undefined>((resolve) => void (tell = resolve));
    const end = (outcome: LookupOutcome, answer?: Membership): void => {
      if (isOver) return;
      isOver = true;
      if (flights.get(id) === flight) flights.delete(id);
      observer?.lookedUp(outcome, clock.monotonic() - askedAt);
      tell(answer);
    };
    const fail = (outcome: LookupOutcome, why: string): void => {
      if (!isOver) failed(why);
      end(outcome);
    };
    const take = (given: unknown): void => {
      const held = readKeys(given, asked);
      if (held === undefined) return fail('failed', 'the answer is no list of keys');
      succeeded();
      // One that comes too late for who asked is there for the next.
      end('answered', store(id, asked, held, askedAt));
    };
    const giveUp = (): void => fail('timeout', `no answer within ${timeoutMs} ms`);
    const flight: Flight = { asked, askedAt, done, giveUp };
    flights.delete(id);
    flights.set(id, flight);
    Promise.resolve()
      .then(() => lookUp({ unit, by, segments: [...asked] }))
      .then(take)
      .catch((error: unknown) => fail('failed', nameOf(error)));
    return flight;
  }

  /** Where requests end with all they began, a lookup may never end: after its time nobody joins it. */
  function isUnderWay({ askedAt }: Flight): boolean {
    return clock.monotonic() - askedAt < timeoutMs;
  }

  /** Each who waits has a timer of their own, since that of another may end with their request. */
  function wait({ done, giveUp }: Flight): Promise<Membership | undefined> {
    return new Promise((resolve) => {
      const cancel = clock.after(
        timeoutMs,
        () => {
          giveUp();
          resolve(undefined);
        },
        true,
      );
      void done.then(resolve).finally(cancel);
    });
  }

  function settle(from: SegmentsFrom, known: Membership | undefined): Membership | undefined {
    observer?.answered(from);
    return known;
  }

  return {
    ask: (asking) => {
      const { by, unit, needed, later } = asking;
      const id = JSON.stringify([by, unit]);
      const known = entries.get(id);
      const now = clock.monotonic();
      const isEnough = known !== undefined && covers(known.asked, needed);
      if (known !== undefined) keep(id, known);
      if (isEnough && now < known.freshUntil) return settle('cache', known);
      const old = known === undefined ? 'nowhere' : 'stale';
      if (now < pausedUntil) return settle(old, known);
      const under = flights.get(id);
      const isJoined = under !== undefined && isUnderWay(under) && covers(under.asked, needed);
      const answered = wait(isJoined ? under : launch(id, asking));
      if (isEnough && now < known.usableUntil) {
        later(answered);
        return settle('stale', known);
      }
      return answered.then((answer) => (answer ? settle('lookup', answer) : settle(old, known)));
    },
  };
}

function covers(asked: ReadonlySet<string>, needed: ReadonlySet<string>): boolean {
  if (asked === needed) return true;
  for (const key of needed) if (!asked.has(key)) return false;
  return true;
}

/** What was asked for, of what was answered. A text would be taken for a list of its letters. */
function readKeys(given: unknown, asked: ReadonlySet<string>): ReadonlySet<string> | undefined {
  if (typeof given !== 'object' || given === null || !(Symbol.iterator in given)) return undefined;
  const held = new Set<string>();
  for (const key of given as Iterable<unknown>) if (asked.has(key as string)) held.add(key as string);
  return held;
}

/** An error's code, or that of its cause, as `fetch` has it, or its name. Its message may quote the unit, and with it a person. */
function nameOf(error: unknown): string {
  const { code, name, cause } = membersOf(error);
  return [code, membersOf(cause)['code'], name].find((one) => typeof one === 'string') ?? 'it threw';
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
