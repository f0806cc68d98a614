import type { Holder, KnownKey } from './relay-key.ts';

/** Why a key opens nothing any more. */
export type KeyEnd = 'revoked' | 'expired';

/** The keys of a relay, at any moment. */
export interface KeyRing {
  /** The key of a hash, whether it is in use at this time or not. */
  find(hash: string): KnownKey | undefined;
  /** Whether a key that was let in may go on. */
  isAllowed(keyId: string, now: number): boolean;
  /** Whether pages of an origin may read with a key; without one, whether they may with any. */
  isOrigin(origin: string, holder?: Holder): boolean;
  /** Whether a list says which origins' pages may use a key. */
  isRestricted(holder: Holder): boolean;
  /** Whether any key may be used by pages at all. */
  readonly hasOrigins: boolean;
  /** Takes these keys in place of the ones before. What is not among them, or is of another kind now, ends at once. */
  replace(keys: readonly KnownKey[]): void;
  /** Stops waiting for keys to expire. */
  close(): void;
}

/** What a key ring is set up with. */
export interface KeyRingOptions {
  /** The allow-list of client keys that have none of their own. */
  readonly origins: readonly string[];
  /** A key has ended: called once, at the moment it does. */
  readonly onEnded: (key: KnownKey, end: KeyEnd) => void;
}

/** Longer than this a timer cannot wait. */
const MAX_WAIT_MS = 2 ** 31 - 1;

/** Creates a ring. Its timer keeps no process alive. */
export function createKeyRing(keys: readonly KnownKey[], options: KeyRingOptions): KeyRing {
  let byHash: ReadonlyMap<string, KnownKey> = new Map();
  let byId: ReadonlyMap<string, KnownKey> = new Map();
  let origins: ReadonlySet<string> = new Set();
  let timer: NodeJS.Timeout | undefined;
  let told = new Set<string>();

  const originsOf = (holder: Holder): readonly string[] =>
    holder.kind === 'client' ? (holder.origins ?? options.origins) : [];

  const watchExpiry = (): void => {
    clearTimeout(timer);
    const now = Date.now();
    let next = Infinity;
    for (const key of byId.values()) {
      const { keyId, until } = key;
      if (until > now) next = Math.min(next, until);
      else if (!told.has(keyId)) {
        told.add(keyId);
        options.onEnded(key, 'expired');
      }
    }
    if (next !== Infinity) timer = setTimeout(watchExpiry, Math.min(next - now, MAX_WAIT_MS)).unref();
  };

  const take = (next: readonly KnownKey[]): void => {
    const before = byId;
    byHash = new Map(next.map((key) => [key.hash, key]));
    byId = new Map(next.map((key) => [key.keyId, key]));
    origins = new Set(next.flatMap(originsOf));
    const over = told;
    told = new Set([...over].filter((keyId) => (byId.get(keyId)?.until ?? Infinity) <= Date.now()));
    for (const key of before.values()) {
      if (byId.get(key.keyId)?.kind !== key.kind && !over.has(key.keyId)) options.onEnded(key, 'revoked');
    }
    watchExpiry();
  };
  take(keys);

  return {
    find: (hash) => byHash.get(hash),
    isAllowed: (keyId, now) => {
      const key = byId.get(keyId);
      return key !== undefined && key.from <= now && now < key.until;
    },
    isOrigin: (origin, holder) => {
      if (holder === undefined) return origins.has(origin) || origins.has('*');
      const list = originsOf(holder);
      return list.includes(origin) || list.includes('*');
    },
    isRestricted: (holder) => originsOf(holder).length > 0,
    get hasOrigins() {
      return origins.size > 0;
    },
    replace: take,
    close: () => clearTimeout(timer),
  };
}
