import { formatPosition } from '@flags/sync';
import type { FastifyInstance } from 'fastify';
import type { Environment } from '../environment.ts';

/** What the health routes need. */
export interface HealthRouteOptions {
  readonly environment: Environment;
  readonly isDraining: () => boolean;
}

/**
 * `GET /healthz`: 200 while the process lives. `GET /readyz`: 200 while it has flags and takes streams, else 503; load
 * balancers ask this one.
 */
export function healthRoutes(app: FastifyInstance, options: HealthRouteOptions): void {
  app.get('/healthz', (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'alive' }));
  app.get('/readyz', (_request, reply) => {
    reply.header('cache-control', 'no-store');
    const view = options.environment.widest;
    if (options.isDraining()) return reply.code(503).send({ status: 'draining' });
    if (view === undefined) return reply.code(503).send({ status: 'starting' });
    return reply.send({ status: 'ready', position: formatPosition(view.position) });
  });
}
