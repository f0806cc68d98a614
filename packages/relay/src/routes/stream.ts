import type { FastifyInstance } from 'fastify';
import type { Rulesets } from '../rulesets.ts';
import { openView } from './access.ts';
import type { StreamRouteOptions } from './open-stream.ts';
import { openStream } from './open-stream.ts';

/** `GET /v1/stream`: a full sync or what changed since the client's position, then every change as it happens. */
export function streamRoute(app: FastifyInstance, options: StreamRouteOptions & { readonly rulesets: Rulesets }): void {
  app.get('/v1/stream', { exposeHeadRoute: false }, (request, reply) => {
    const view = openView(options, request, reply, 'connects');
    // Who does not say so, like a person with curl, is sent the rules themselves.
    const canFetch = request.headers['x-flags-caps'] === 'ref';
    return view === undefined
      ? reply
      : openStream(options, request, reply, () => (canFetch ? options.rulesets.feedOf(view) : view));
  });
}
