import { comparePositions, parsePosition } from '@flags/sync';
import type { FastifyInstance } from 'fastify';
import type { ViewRouteOptions } from './access.ts';
import { openView, queryText } from './access.ts';

/**
 * `GET /v1/history`: the states that lead to the head, with the keys that changed in each: `{ epoch, views }`. For relays, which
 * may have been sent several commits as one. With `since` from that position on. A client key is shown its own view alone.
 */
export function historyRoute(app: FastifyInstance, options: ViewRouteOptions): void {
  app.get('/v1/history', (request, reply) => {
    const view = openView(options, request, reply);
    if (view === undefined) return reply;
    const since = parsePosition(queryText(request, 'since'));
    // A relay that follows knows of somebody who is ahead of both.
    if (since !== undefined && comparePositions(since, view.position) > 0) options.onBehind(since);
    const { epoch } = view.position;
    const { views } = options.environment.history(since?.epoch === epoch ? since.version : undefined);
    reply.header('cache-control', 'no-store');
    return reply.send({ epoch, views: view.name === 'server' ? views : { client: views.client } });
  });
}
