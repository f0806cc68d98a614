import { hashKey, keyIdOf, kindOf } from './keys/key.ts';
import type { KeyKind } from './keys/key.ts';
import type { ViewName } from './view.ts';

/** Whose key a request came with. */
export interface Holder {
  /** Names the key in logs and limits, and is no secret. */
  readonly keyId: string;
  readonly kind: KeyKind;
}

/** Who may read, and what of it. */
export interface Access extends Holder {
  readonly view: ViewName;
}

/** Why a request is turned away, in one line for the person who has to mend it. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly code: 'KEY_MISSING' | 'KEY_UNKNOWN' | 'KEY_IN_URL';
  readonly message: string;
}

/** Decides by the key of a request. */
export type Authorize = (credentials: {
  /** The `Authorization` header. */
  readonly header: string | undefined;
  /** The `key` of the query. */
  readonly query: string | undefined;
}) => Holder | Refusal;

/** Accepts these keys. They are kept and looked up as SHA-256 only, so that the time says nothing about them. */
export function createAuth(keys: readonly string[]): Authorize {
  const known = new Map<string, Holder>(
    keys.map((key) => {
      const hash = hashKey(key);
      return [hash, { keyId: keyIdOf(hash), kind: kindOf(key) }];
    }),
  );
  return ({ header, query }) => {
    const key = header === undefined ? query : /^bearer +(\S+) *$/i.exec(header)?.[1];
    if (key === undefined || key === '') {
      return header === undefined
        ? { status: 401, code: 'KEY_MISSING', message: 'Send a key: Authorization: Bearer <key>.' }
        : { status: 401, code: 'KEY_MISSING', message: 'The Authorization header is not of the form: Bearer <key>.' };
    }
    const holder = known.get(hashKey(key));
    if (holder === undefined) {
      return { status: 401, code: 'KEY_UNKNOWN', message: 'This key is unknown here: check the key and the address.' };
    }
    if (holder.kind !== 'client' && header === undefined) {
      return {
        status: 403,
        code: 'KEY_IN_URL',
        message: 'Only a client key goes into a URL, where logs keep it: send this one as Authorization: Bearer <key>.',
      };
    }
    return holder;
  };
}
