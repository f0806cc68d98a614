import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Holder } from './keys/relay-key.ts';
import { createBuckets } from './limits.ts';
import type { RelayLog } from './log.ts';

/** What is told of a request that was turned away. Route and code are words of this package; the rest are no secrets. */
export interface RejectionFacts {
  readonly method: string;
  /** The template of the route, never the URL. */
  readonly route: string | undefined;
  readonly status: number;
  readonly code: string;
  readonly keyId: string | undefined;
  /** What the configuration calls that key. */
  readonly keyName: string | undefined;
  /** How many were turned away since the last line without one of their own. */
  readonly unlogged?: number;
}

/** A storm of requests that are turned away fills no disk: a line for each of the first 100, then for 10 a second. */
const RATE = { perSecond: 10, burst: 100 };

/** Logs requests that were turned away: their route, status, code and key, by its id and name, and nothing that the client chose. */
export function rejectionLog(
  log: RelayLog,
): (request: FastifyRequest, reply: FastifyReply, code: string, holder: Holder | undefined) => void {
  const buckets = createBuckets(1);
  let unlogged = 0;
  return ({ method, routeOptions: { url: route } }, { statusCode: status }, code, holder) => {
    if (buckets.take('', RATE, Date.now()) > 0) {
      unlogged += 1;
      return;
    }
    const { keyId, name: keyName } = holder ?? {};
    const more = unlogged === 0 ? {} : { unlogged };
    const facts: RejectionFacts = { method, route, status, code, keyId, keyName, ...more };
    unlogged = 0;
    log.warn(facts, 'turned a request away');
  };
}
