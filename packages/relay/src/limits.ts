import { z } from 'zod';

/** A token bucket: so many at once, refilled at so many a second. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** How often a key may do what. `false`: as often as it likes. */
export interface KeyLimits {
  /** Opening streams. */
  readonly connects: Rate | false;
  /** Everything else that reads, evaluates or reports; acknowledgements are not counted. */
  readonly requests: Rate | false;
}

/** Every rate that a relay holds to. */
export interface Limits extends KeyLimits {
  /** Requests of one address that are turned away with 401. */
  readonly failures: Rate | false;
}

/**
 * A whole fleet shares a key and often an address: 20 000 of its streams may come back in one second, as after a restart, and
 * 1 000 more each second after. Five wrong keys a minute come from a person; more come from a program.
 */
export const DEFAULT_LIMITS: Limits = {
  connects: { perSecond: 1_000, burst: 20_000 },
  requests: { perSecond: 5_000, burst: 20_000 },
  failures: { perSecond: 5 / 60, burst: 5 },
};

const FIX = 'Give { perSecond, burst } as numbers above 0 (burst 1 or more), or false for no limit.';
const rateSchema = z.union(
  [
    z.literal(false),
    z.strictObject({
      perSecond: z.number({ error: FIX }).positive({ error: FIX }),
      burst: z.number({ error: FIX }).min(1, { error: FIX }),
    }),
  ],
  { error: FIX },
);

const keyLimitsShape = { connects: rateSchema.optional(), requests: rateSchema.optional() };

/** Members that may be left out, or be `undefined`. */
export type Loose<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

/** The rates of a key, where they differ from the relay's. */
export const keyLimitsSchema: z.ZodType<Loose<KeyLimits>> = z.strictObject(keyLimitsShape);

/** The rates of a relay. */
export const limitsSchema: z.ZodType<Loose<Limits>> = z.strictObject({
  ...keyLimitsShape,
  failures: rateSchema.optional(),
});

/** Counts what is limited. */
export interface Buckets {
  /** Takes one of `name`. 0 when there was one; else the milliseconds until there is. */
  take(name: string, rate: Rate, now: number): number;
}

/** Creates buckets, all of them full. At most `max` are kept, the ones used last: a bucket that is forgotten is full again. */
export function createBuckets(max: number): Buckets {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take: (name, { perSecond, burst }, now) => {
      const before = buckets.get(name);
      const gained = before === undefined ? burst : (Math.max(now - before.at, 0) / 1_000) * perSecond;
      const tokens = Math.min(burst, (before?.tokens ?? 0) + gained);
      // A map keeps its order: what was used last stands last.
      buckets.delete(name);
      const [oldest] = buckets.size < max ? [] : buckets.keys();
      if (oldest !== undefined) buckets.delete(oldest);
      const isTaken = tokens >= 1;
      buckets.set(name, { tokens: isTaken ? tokens - 1 : tokens, at: now });
      return isTaken ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1_000);
    },
  };
}
