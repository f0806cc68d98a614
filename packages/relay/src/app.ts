import { fastify, LogController } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { failureOf } from './routes/failure.ts';
import { rejectionOf, replyError } from './routes/reply.ts';

/** What the HTTP side of a relay is set up with. */
export interface AppOptions {
  /** Whether its log goes to stdout, one JSON object a line. */
  readonly json: boolean;
  /** A request was turned away; `reason` is the code of its answer. */
  readonly onRejected: (reason: string) => void;
  /** A request failed through no fault of the client. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * How connections are kept. What bounds the time of a whole connection (`connectionTimeout`) stays off, since a stream is one
 * request that is answered for hours; what is bounded is how long a request takes to arrive.
 */
const CONNECTION = {
  // Longer than the 60 s after which load balancers give up an idle connection: the side that sends closes it, never in the middle.
  keepAliveTimeout: 72_000,
  // A request is there within this, or its connection is taken by someone who wants to hold it. A stream has arrived by then.
  requestTimeout: 30_000,
  // A proxy keeps connections for long; only streams move to other relays, by their age.
  maxRequestsPerSocket: 0,
  http: {
    headersTimeout: 10_000,
    // How often the two are looked at; Node's own 30 s would make 40 of the 10.
    connectionsCheckingInterval: 5_000,
    // Each event is one write, and goes out at once.
    noDelay: true,
    // Finds peers that are gone while nothing is sent to them.
    keepAlive: true,
    keepAliveInitialDelay: 10_000,
  },
} as const;

/** Creates the HTTP side of a relay without routes: what holds for all requests, and the form of every error. */
export function createApp(options: AppOptions): FastifyInstance {
  // A request's own line would hold its URL, and with it a client key.
  const app: FastifyInstance = fastify({
    logger: options.json,
    ...CONNECTION,
    // A body is what it says, or it is refused; and a name such as `__proto__` is an ordinary one, since nothing is merged.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    // As long as the keys that a body may name.
    routerOptions: { maxParamLength: 256 },
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
    logController: new LogController({ disableRequestLogging: true }),
    // Its own answer to a URL that cannot be decoded quotes the URL, and with it a key.
    frameworkErrors: (_error, _request, reply) => {
      replyError(reply, 400, 'BAD_REQUEST', 'This request cannot be read.');
    },
  });
  app.addHook('onResponse', async (request) => {
    const reason = rejectionOf(request);
    if (reason !== undefined) options.onRejected(reason);
  });
  app.setNotFoundHandler((_request, reply) => replyError(reply, 404, 'NOT_FOUND', 'There is nothing at this path.'));
  app.setErrorHandler((error, request, reply) => {
    const failure = failureOf(error, request);
    if (failure !== undefined) return replyError(reply, failure.status, failure.code, failure.message);
    options.onFailed(error);
    return replyError(reply, 500, 'INTERNAL', 'The relay failed to answer; its log says why.');
  });
  return app;
}
