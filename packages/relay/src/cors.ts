import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import type { Auth } from './auth.ts';
import type { KeyRing } from './keys/key-ring.ts';

/** A browser asks again after so many seconds; none keeps the answer longer. */
const MAX_AGE_S = 7_200;

/**
 * Lets pages of other origins read answers. A preflight carries no key, so it is answered for the origins of all keys; the
 * request itself is answered for those of its own key. What is turned away before its key is known can be read by any of them,
 * since a page has to see why. Without an origin on any list nothing is added to any answer.
 */
export function allowOrigins(app: FastifyInstance, { identify }: Auth, ring: KeyRing): void {
  void app.register(cors, {
    delegator: (request, callback) => {
      const { origin } = request.headers;
      const isPreflight = request.method === 'OPTIONS';
      const holder = origin === undefined || isPreflight || !ring.hasOrigins ? undefined : identify(request);
      const known = holder === undefined || 'status' in holder ? undefined : holder;
      callback(null, {
        origin: origin !== undefined && ring.isOrigin(origin, known) ? origin : false,
        methods: ['GET', 'POST'],
        allowedHeaders: [
          'Authorization',
          'Content-Type',
          'If-None-Match',
          'Last-Event-ID',
          'X-API-Key',
          'X-Flags-Caps',
          'X-Flags-Context-Signature',
        ],
        exposedHeaders: ['ETag', 'Retry-After'],
        maxAge: MAX_AGE_S,
        strictPreflight: false,
      });
    },
  });
}
