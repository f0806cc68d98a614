import { performance } from 'node:perf_hooks';
import { parsePosition } from '@flags/sync';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authorize } from '../auth.ts';
import type { Hub } from '../hub/hub.ts';
import type { AckOutcome, Metrics } from '../metrics.ts';
import type { Propagation } from '../propagation.ts';
import { authorizeRequest } from './access.ts';

/** What the route of acknowledgements needs. */
export interface AckRouteOptions {
  readonly authorize: Authorize;
  readonly hub: Hub;
  readonly metrics: Metrics;
  readonly propagation: Propagation;
}

const BODY_BYTES = 1_024;

/**
 * `POST /v1/ack` with `{ stream, position, lagMs }`: a stream has applied a position, and waited `lagMs` before it said so. 202
 * whatever becomes of it, since a client has nothing to do about that; the metrics say. Counted in no limit: refusing one costs as much as taking it.
 */
export function ackRoute(app: FastifyInstance, options: AckRouteOptions): void {
  const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> =>
    authorizeRequest(options.authorize, request, reply, 'free') === undefined ? reply : undefined;
  const settings = { bodyLimit: BODY_BYTES, onRequest };
  app.post('/v1/ack', settings, (request, reply) => {
    options.metrics.acked(take(options, request.body));
    return reply.code(202).send();
  });
}

function take({ hub, metrics, propagation }: AckRouteOptions, body: unknown): AckOutcome {
  if (typeof body !== 'object' || body === null) return 'malformed';
  const { stream, position: text, lagMs = 0 } = body as Readonly<Record<string, unknown>>;
  const position = parsePosition(text);
  if (typeof stream !== 'string' || position === undefined) return 'malformed';
  if (typeof lagMs !== 'number' || !(lagMs >= 0)) return 'malformed';
  const outcome = hub.ack(stream, position);
  if (outcome !== 'applied') return outcome;
  const took = propagation.since(position, performance.now() - lagMs);
  // A client that says it applied a change before there was one is not believed.
  if (took !== undefined && took >= 0) metrics.propagated(took);
  return outcome;
}
