/** How many streams a relay takes. */
export interface CapacityLimits {
  /** Open at once. */
  readonly maxStreams: number;
  /** Open at once with one key. */
  readonly maxStreamsPerKey: number;
}

/** Why there is no room for a stream, and after how many seconds to ask again. */
export interface NoRoom {
  readonly limit: keyof CapacityLimits;
  readonly retryAfterS: number;
}

/** Decides who gets in. Whoever is in stays: throwing one out to let another in would have both knock again, and again. */
export interface Capacity {
  /** `undefined` when there is room for one more stream with this key, which may have `most` where it differs from others. */
  noRoom(keyId: string, most?: number): NoRoom | undefined;
  enter(keyId: string): void;
  leave(keyId: string): void;
}

/** New streams that a process takes in a second with ease, TLS included. */
const SAFE_PER_SECOND = 1_000;

/** How long so many streams should take to come back, in milliseconds: by the rate that is safe, within 2 s to 20 s. */
export function returnWindowMs(streams: number): number {
  return Math.round(Math.min(Math.max((streams / SAFE_PER_SECOND) * 1_000, 2_000), 20_000));
}

/** Creates the memory of who is in: nobody. */
export function createCapacity({ maxStreams, maxStreamsPerKey }: CapacityLimits): Capacity {
  const perKey = new Map<string, number>();
  let all = 0;
  return {
    noRoom: (keyId, most = maxStreamsPerKey) => {
      // Clients add up to half of it by chance, so that those who are turned away together do not come back together.
      const retryAfterS = Math.ceil(returnWindowMs(all) / 1_000);
      if (all >= maxStreams) return { limit: 'maxStreams', retryAfterS };
      if ((perKey.get(keyId) ?? 0) >= most) return { limit: 'maxStreamsPerKey', retryAfterS };
      return undefined;
    },
    enter: (keyId) => {
      all += 1;
      perKey.set(keyId, (perKey.get(keyId) ?? 0) + 1);
    },
    leave: (keyId) => {
      all -= 1;
      const left = (perKey.get(keyId) ?? 0) - 1;
      if (left > 0) perKey.set(keyId, left);
      else perKey.delete(keyId);
    },
  };
}
