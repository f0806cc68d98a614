import type { FastifyInstance } from 'fastify';
import type { Authorize } from '../auth.ts';
import type { Metrics } from '../metrics.ts';
import { authorizeHolder } from './access.ts';

/** What the metrics route needs. */
export interface MetricsRouteOptions {
  readonly metrics: Metrics;
  /** Absent on a listener of its own, which is guarded by its address. */
  readonly authorize?: Authorize;
}

/** `GET /metrics` for Prometheus. Beside the other routes it asks for an admin or a server key: how busy a relay is, is nobody else's business. */
export function metricsRoute(app: FastifyInstance, { metrics, authorize }: MetricsRouteOptions): void {
  app.get('/metrics', async (request, reply) => {
    if (authorize !== undefined) {
      const holder = authorizeHolder(authorize, request, reply, ['admin', 'server'], 'free');
      if (holder === undefined) return reply;
    }
    const text = await metrics.render();
    return reply.header('cache-control', 'no-store').type(metrics.contentType).send(text);
  });
}
