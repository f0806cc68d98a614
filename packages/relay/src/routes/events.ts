import type { EventBatch } from '@flags/sync';
import { parseEventBatch } from '@flags/sync';
import type { FastifyInstance } from 'fastify';
import type { Access, Authorize } from '../auth.ts';
import { accessOf, authorizeRequest } from './access.ts';
import { replyError } from './reply.ts';

/** What the events route needs. */
export interface EventsRouteOptions {
  readonly authorize: Authorize;
  /** Takes what clients report. It is called after the checks and has to return soon. */
  readonly onEvents: (batch: EventBatch, access: Access) => void;
}

// A full batch of the longest texts has about 1.3 MB.
const BODY_LIMIT = 2 * 1024 * 1024;

/** `POST /v1/events`: what clients count. 202 for a batch that can be read, whoever listens; 400 for any other. */
export function eventsRoute(app: FastifyInstance, { authorize, onEvents }: EventsRouteOptions): void {
  app.post(
    '/v1/events',
    {
      bodyLimit: BODY_LIMIT,
      // Nobody without a key makes this relay take in a body.
      onRequest: async (request, reply) =>
        authorizeRequest(authorize, request, reply) === undefined ? reply : undefined,
    },
    (request, reply) => {
      const access = accessOf(request);
      const batch = parseEventBatch(request.body);
      if (typeof batch === 'string') return replyError(reply, 400, 'INVALID_BODY', `Not a batch of events: ${batch}.`);
      onEvents(batch, access);
      return reply.code(202).header('cache-control', 'no-store').send();
    },
  );
}
