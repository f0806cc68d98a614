import type { EvaluationContext } from '@flags/core';
import type { FastifyInstance } from 'fastify';
import type { ContextRoom } from '../context-room.ts';
import type { Evaluator } from '../evaluator.ts';
import type { Feed } from '../feed.ts';
import type { ValueFeeds } from '../value-feeds.ts';
import { viewGuard } from './access.ts';
import type { ContextRouteOptions } from './context.ts';
import { CONTEXT_BODY_BYTES, CONTEXT_SCHEMA, takeContext } from './context.ts';
import type { StreamRouteOptions } from './open-stream.ts';
import { openStream } from './open-stream.ts';

/** What the route of value streams needs. */
export interface ClientStreamRouteOptions extends StreamRouteOptions, ContextRouteOptions {
  readonly evaluator: Evaluator;
  readonly valueFeeds: ValueFeeds;
  readonly contextRoom: ContextRoom;
}

interface Body {
  readonly context?: EvaluationContext;
}

const BODY = { type: 'object', additionalProperties: false, properties: { context: CONTEXT_SCHEMA } } as const;

/**
 * `POST /v1/client/stream`: what every flag gives for the context in the body, then every value that changes for it, by a
 * commit or by the clock. Nothing but a heartbeat for a client whose position has the hash of these values. It is told goodbye
 * when the signature of its context expires.
 */
export function clientStreamRoute(app: FastifyInstance, options: ClientStreamRouteOptions): void {
  const { onRequest, viewOf } = viewGuard(options, 'connects');
  const settings = { onRequest, bodyLimit: CONTEXT_BODY_BYTES, schema: { body: BODY } };
  app.post<{ Body: Body }>('/v1/client/stream', settings, async (request, reply) => {
    const { context: given = {} } = request.body;
    const { name } = viewOf(request);
    const taken = takeContext(options, request, reply, given, name);
    if (taken === undefined) return reply;
    const rules = options.evaluator.rules();
    const context = (await options.segments?.prepare(rules, taken.context)) ?? taken.context;
    const feed = (): Feed | undefined => {
      const release = options.contextRoom.take(context);
      return release === undefined ? undefined : options.valueFeeds.open(name, context, release);
    };
    return openStream(options, request, reply, feed, taken.until);
  });
}
