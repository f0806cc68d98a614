import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { hashKey, prefixKind } from './keys/key.ts';
import type { KeyRing } from './keys/key-ring.ts';
import type { Holder } from './keys/relay-key.ts';
import type { Limits, Loose } from './limits.ts';
import { createBuckets, DEFAULT_LIMITS } from './limits.ts';
import type { ViewName } from './view.ts';

/** Who may read, and what of it. */
export interface Access extends Holder {
  readonly view: ViewName;
}

/** Why a request is turned away, in one line for the person who has to mend it. */
export interface Refusal {
  readonly status: 401 | 403 | 429;
  readonly code:
    | 'KEY_MISSING'
    | 'KEY_UNKNOWN'
    | 'KEY_EARLY'
    | 'KEY_EXPIRED'
    | 'KEY_KIND'
    | 'KEY_IN_URL'
    | 'ORIGIN_NOT_ALLOWED'
    | 'RATE_LIMITED';
  readonly message: string;
  /** When to come again. */
  readonly retryAfterMs?: number;
  /** Whose key it is, where it is one of ours: the log says who has to change it. */
  readonly of?: Holder;
}

/** What a request is counted as: opening a stream, anything else, or nothing. */
export type Use = 'connects' | 'requests' | 'free';

/** Decides by the key of a request, its origin, and how many came before. */
export type Authorize = (request: FastifyRequest, use: Use) => Holder | Refusal;

/** What decides about requests. */
export interface Auth {
  readonly authorize: Authorize;
  /** Whose key a request came with, without counting it. */
  readonly identify: (request: FastifyRequest) => Holder | Refusal;
}

/** What decisions are made from. */
export interface AuthOptions {
  readonly ring: KeyRing;
  /** What is absent is as in `DEFAULT_LIMITS`. */
  readonly limits: Loose<Limits>;
}

/** Some megabytes. */
const MAX_BUCKETS = 20_000;

/** Keys are looked up by their SHA-256 alone, so that the time says nothing about them. */
export function createAuth({ ring, limits: given }: AuthOptions): Auth {
  const limits: Limits = {
    connects: given.connects ?? DEFAULT_LIMITS.connects,
    requests: given.requests ?? DEFAULT_LIMITS.requests,
    failures: given.failures ?? DEFAULT_LIMITS.failures,
  };
  // Apart: however many addresses fail, no key's bucket is forgotten for them.
  const ofKeys = createBuckets(MAX_BUCKETS);
  const ofAddresses = createBuckets(MAX_BUCKETS);
  const identify = (request: FastifyRequest): Holder | Refusal => identified(ring, request, Date.now());
  return {
    identify,
    authorize: (request, use) => {
      const holder = identify(request);
      const now = Date.now();
      if ('status' in holder) {
        if (holder.status !== 401 || limits.failures === false) return holder;
        // Only what failed is counted, so that a wrong key behind an address never locks out the right ones there.
        const retryAfterMs = ofAddresses.take(networkOf(request.ip), limits.failures, now);
        if (retryAfterMs === 0) return holder;
        const message = `Too many requests without a key that is good here came from this address. The last: ${holder.message}`;
        return { status: 429, code: 'RATE_LIMITED', message, retryAfterMs };
      }
      const { origin } = request.headers;
      const isRestricted = holder.kind === 'client' && origin !== undefined && ring.isRestricted(holder);
      if (isRestricted && !ring.isOrigin(origin, holder)) {
        const message = 'Pages of this origin may not use this key: put the origin on its list of origins.';
        return { status: 403, code: 'ORIGIN_NOT_ALLOWED', message };
      }
      const rate = use === 'free' ? false : (holder.limits?.[use] ?? limits[use]);
      const retryAfterMs = rate === false ? 0 : ofKeys.take(`${use} ${holder.keyId}`, rate, now);
      if (retryAfterMs === 0) return holder;
      const what = use === 'connects' ? 'streams were opened' : 'requests were sent';
      const message = `Too many ${what} with this key: come again after the time in Retry-After.`;
      return { status: 429, code: 'RATE_LIMITED', message, retryAfterMs };
    },
  };
}

/** The key that a request came with, good or not; empty when there is none. */
export function keyOf(request: FastifyRequest): { readonly key: string; readonly isInUrl: boolean } {
  const { authorization, 'x-api-key': apiKey } = request.headers;
  if (authorization !== undefined) return { key: /^bearer +(\S+) *$/i.exec(authorization)?.[1] ?? '', isInUrl: false };
  // The other way of OpenFeature's protocol.
  if (typeof apiKey === 'string') return { key: apiKey, isInUrl: false };
  const { key } = request.query as { readonly key?: unknown };
  return { key: typeof key === 'string' ? key : '', isInUrl: true };
}

function identified(ring: KeyRing, request: FastifyRequest, now: number): Holder | Refusal {
  const { key, isInUrl } = keyOf(request);
  if (key === '') {
    return request.headers.authorization === undefined
      ? { status: 401, code: 'KEY_MISSING', message: 'Send a key: Authorization: Bearer <key>.' }
      : { status: 401, code: 'KEY_MISSING', message: 'The Authorization header is not of the form: Bearer <key>.' };
  }
  const known = ring.find(hashKey(key));
  if (known === undefined) {
    return { status: 401, code: 'KEY_UNKNOWN', message: 'This key is unknown here: check the key and the address.' };
  }
  if (now >= known.until) {
    return {
      status: 401,
      code: 'KEY_EXPIRED',
      message: 'This key has expired: take the one that came after it.',
      of: known,
    };
  }
  if (now < known.from) {
    return {
      status: 401,
      code: 'KEY_EARLY',
      message: 'This key is not in use yet: its notBefore lies ahead.',
      of: known,
    };
  }
  const { kind } = known;
  // A hash alone does not show it: a public key must not open what is secret because someone wrote the wrong kind beside it.
  if ((prefixKind(key) ?? kind) !== kind) {
    const message = `This key is configured as one of kind ${kind}, but its prefix is that of another: mend its kind.`;
    return { status: 403, code: 'KEY_KIND', message, of: known };
  }
  if (kind !== 'client' && isInUrl) {
    return {
      status: 403,
      code: 'KEY_IN_URL',
      message: 'Only a client key goes into a URL, where logs keep it: send this one as Authorization: Bearer <key>.',
      of: known,
    };
  }
  return known;
}

/**
 * Who is behind an address: one machine has all of an IPv6 /64, however it is written. A peer that is gone by now has no address;
 * all of them are one.
 */
function networkOf(address: string | undefined = ''): string {
  const [, ipv4] = /^::ffff:(\d+\.[\d.]+)$/i.exec(address) ?? [];
  if (ipv4 !== undefined) return ipv4;
  if (isIP(address) !== 6) return address;
  const [head = [], tail] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = tail === undefined ? 0 : 8 - head.length - tail.length;
  return [...head, ...Array<string>(zeros).fill('0'), ...(tail ?? [])].slice(0, 4).join(':');
}
