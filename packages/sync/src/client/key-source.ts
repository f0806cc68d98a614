import { isKey } from './options.ts';
import type { KeyProvider } from './options.ts';

/** Knows the key. */
export interface KeySource {
  /** Hands over the key: at once when it is known and need not be asked for again. Reports why there is none. */
  get(refresh: boolean, use: (key: string) => void, fail: (problem: string) => void): void;
}

/** Keeps a fixed key, or whatever else a header carries, or the last one a provider gave. A provider that throws, rejects or gives no key is a problem, never a crash. */
export function createKeySource(key: string | KeyProvider, option = 'key'): KeySource {
  let known = typeof key === 'string' ? key : undefined;
  return {
    get: (refresh, use, fail) => {
      if (known !== undefined && (typeof key === 'string' || !refresh)) return use(known);
      const ask = async (): Promise<void> => {
        const fresh = typeof key === 'string' ? key : await key();
        if (!isKey(fresh)) throw new TypeError('no key');
        known = fresh;
      };
      // What the provider throws may hold the secret, so it is not repeated.
      ask().then(
        () => use(known as string),
        () => fail(`the function given as \`${option}\` failed or gave none`),
      );
      return undefined;
    },
  };
}
