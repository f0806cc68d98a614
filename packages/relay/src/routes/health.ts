import { formatPosition } from '@flags/sync';
import type { FastifyInstance } from 'fastify';
import type { Environment } from '../environment.ts';

/** What the health routes need. */
export interface HealthRouteOptions {
  readonly environment: Environment;
  readonly isDraining: () => boolean;
  /** Since when what is held may be out of date, epoch milliseconds; `undefined` while the source is in order. */
  readonly staleSince: () => number | undefined;
}

/**
 * `GET /healthz`: 200 while the process lives. `GET /readyz`: 200 while it has flags and takes streams, else 503; load
 * balancers ask this one. Flags that may be out of date are flags: it then says `stale`, and since when.
 */
export function healthRoutes(app: FastifyInstance, options: HealthRouteOptions): void {
  app.get('/healthz', (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'alive' }));
  app.get('/readyz', (_request, reply) => {
    reply.header('cache-control', 'no-store');
    const view = options.environment.widest;
    if (options.isDraining()) return reply.code(503).send({ status: 'draining' });
    if (view === undefined) return reply.code(503).send({ status: 'starting' });
    const since = options.staleSince();
    const stale = since === undefined ? {} : { stale: true, since: new Date(since).toISOString() };
    return reply.send({ status: 'ready', position: formatPosition(view.position), ...stale });
  });
}
