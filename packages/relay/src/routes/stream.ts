import type { FastifyInstance } from 'fastify';
import { openView } from './access.ts';
import type { StreamRouteOptions } from './open-stream.ts';
import { openStream } from './open-stream.ts';

/** `GET /v1/stream`: a full sync or what changed since the client's position, then every change as it happens. */
export function streamRoute(app: FastifyInstance, options: StreamRouteOptions): void {
  app.get('/v1/stream', { exposeHeadRoute: false }, (request, reply) => {
    const view = openView(options, request, reply, 'connects');
    return view === undefined ? reply : openStream(options, request, reply, () => view);
  });
}
