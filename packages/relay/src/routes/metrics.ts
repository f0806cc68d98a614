import type { FastifyInstance } from 'fastify';
import type { Authorize } from '../auth.ts';
import type { Metrics } from '../metrics.ts';
import { authorizeRequest } from './access.ts';
import { replyError } from './reply.ts';

/** What the metrics route needs. */
export interface MetricsRouteOptions {
  readonly metrics: Metrics;
  /** Absent on a listener of its own, which is guarded by its address. */
  readonly authorize?: Authorize;
}

/** `GET /metrics` for Prometheus. Beside the other routes it asks for a server key: how busy a relay is, is nobody else's business. */
export function metricsRoute(app: FastifyInstance, { metrics, authorize }: MetricsRouteOptions): void {
  app.get('/metrics', async (request, reply) => {
    if (authorize !== undefined) {
      const access = authorizeRequest(authorize, request, reply);
      if (access === undefined) return reply;
      if (access.view !== 'server') {
        return replyError(reply, 403, 'KEY_KIND', 'Metrics need a server key; this is a client key.');
      }
    }
    const text = await metrics.render();
    return reply.header('cache-control', 'no-store').type(metrics.contentType).send(text);
  });
}
