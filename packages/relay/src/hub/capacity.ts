import type { ViewName } from '../view.ts';

/** How many streams a relay takes. */
export interface CapacityLimits {
  /** Open at once. */
  readonly maxStreams: number;
  /** Open at once with one key; when absent, any number with a server key, and two thirds of `maxStreams` with a client key. */
  readonly maxStreamsPerKey: number | undefined;
  /** Of `maxStreams`, what client keys leave to server keys; a fifth when absent. */
  readonly serverReserve: number | undefined;
}

/** Why there is no room for a stream, and after how many seconds to ask again. */
export interface NoRoom {
  readonly limit: keyof CapacityLimits;
  readonly retryAfterS: number;
}

/** Whose stream it is. */
export interface Entrant {
  readonly keyId: string;
  readonly view: ViewName;
  /** What this key may have, where that differs from others. */
  readonly maxStreams?: number;
}

/** Decides who gets in. Whoever is in stays: throwing one out to let another in would have both knock again, and again. */
export interface Capacity {
  /** `undefined` when there is room for one more stream. */
  noRoom(entrant: Entrant): NoRoom | undefined;
  enter(keyId: string, view: ViewName): void;
  leave(keyId: string, view: ViewName): void;
}

/** New streams that a process takes in a second with ease, TLS included. */
const SAFE_PER_SECOND = 1_000;
/** Anyone can take a client key from a page. Whoever opens all the streams it may have locks out neither services nor other pages. */
const CLIENT_KEY_SHARE = 2 / 3;
const CLIENTS_SHARE = 4 / 5;

/** How long so many streams should take to come back, in milliseconds: by the rate that is safe, within 2 s to 20 s. */
export function returnWindowMs(streams: number): number {
  return Math.round(Math.min(Math.max((streams / SAFE_PER_SECOND) * 1_000, 2_000), 20_000));
}

/** Creates the memory of who is in: nobody. */
export function createCapacity({ maxStreams, maxStreamsPerKey, serverReserve }: CapacityLimits): Capacity {
  const perKey = new Map<string, number>();
  const open = { server: 0, client: 0 };
  const ofKey = {
    server: maxStreamsPerKey ?? Infinity,
    client: maxStreamsPerKey ?? Math.ceil(maxStreams * CLIENT_KEY_SHARE),
  };
  const ofClients = serverReserve === undefined ? Math.ceil(maxStreams * CLIENTS_SHARE) : maxStreams - serverReserve;
  const full = ({ keyId, view, maxStreams: most = ofKey[view] }: Entrant): keyof CapacityLimits | undefined => {
    if (open.server + open.client >= maxStreams) return 'maxStreams';
    if ((perKey.get(keyId) ?? 0) >= most) return 'maxStreamsPerKey';
    return view === 'client' && open.client >= ofClients ? 'serverReserve' : undefined;
  };
  return {
    noRoom: (entrant) => {
      const limit = full(entrant);
      // Clients add up to half of it by chance, so that those who are turned away together do not come back together.
      const retryAfterS = Math.ceil(returnWindowMs(open.server + open.client) / 1_000);
      return limit === undefined ? undefined : { limit, retryAfterS };
    },
    enter: (keyId, view) => {
      open[view] += 1;
      perKey.set(keyId, (perKey.get(keyId) ?? 0) + 1);
    },
    leave: (keyId, view) => {
      open[view] -= 1;
      const left = (perKey.get(keyId) ?? 0) - 1;
      if (left > 0) perKey.set(keyId, left);
      else perKey.delete(keyId);
    },
  };
}
