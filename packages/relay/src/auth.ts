import type { Buffer } from 'node:buffer';
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ViewName } from './view.ts';

/**
 * `server`: secret, sees everything, only ever in the `Authorization` header. `client`: public, sees what is marked for
 * clients, may stand in the URL.
 */
export type KeyKind = 'server' | 'client';

/** Who may read, and what of it. */
export interface Access {
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
}) => Access | Refusal;

const CLIENT_PREFIX = 'ck_';
const KEY_PATTERN = /^[\x21-\x2b\x2d-\x7e]+$/;

/** A key that starts with `ck_` is a client key; any other is a server key. */
export function kindOf(key: string): KeyKind {
  return key.startsWith(CLIENT_PREFIX) ? 'client' : 'server';
}

/** Whether a text can be a key at all: visible ASCII without spaces and commas, so that it fits headers and lists. */
export function isKey(text: string): boolean {
  return KEY_PATTERN.test(text);
}

/** A new server key: 192 random bits. */
export function generateServerKey(): string {
  return `sk_${randomBytes(24).toString('base64url')}`;
}

/** Accepts these keys. They are kept as SHA-256 only, and compared in constant time. */
export function createAuth(keys: readonly string[]): Authorize {
  const known = keys.map((key) => ({ kind: kindOf(key), digest: sha256(key) }));
  const find = (key: string): KeyKind | undefined => {
    const digest = sha256(key);
    let kind: KeyKind | undefined;
    // All are compared, so that the time says nothing about which one fits.
    for (const candidate of known) if (timingSafeEqual(candidate.digest, digest)) kind = candidate.kind;
    return kind;
  };
  return ({ header, query }) => {
    const key = header === undefined ? query : /^bearer +(\S+) *$/i.exec(header)?.[1];
    if (key === undefined || key === '') {
      return header === undefined
        ? { status: 401, code: 'KEY_MISSING', message: 'Send a key: Authorization: Bearer <key>.' }
        : { status: 401, code: 'KEY_MISSING', message: 'The Authorization header is not of the form: Bearer <key>.' };
    }
    const kind = find(key);
    if (kind === undefined) {
      return { status: 401, code: 'KEY_UNKNOWN', message: 'This key is unknown here: check the key and the address.' };
    }
    if (kind === 'server' && header === undefined) {
      return {
        status: 403,
        code: 'KEY_IN_URL',
        message: 'A server key never goes into a URL, where logs keep it: send it as Authorization: Bearer <key>.',
      };
    }
    return { view: kind };
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
