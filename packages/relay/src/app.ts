import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { createBoundAnswer } from './answer-time.ts';
import { answerBroken } from './routes/broken-request.ts';
import { failureOf } from './routes/failure.ts';
import { rejectionOf, replyError } from './routes/reply.ts';

/** What the HTTP side of a relay is set up with. */
export interface AppOptions {
  /** Which proxies are believed about a client's address; none when absent. */
  readonly trustProxy?: readonly string[] | undefined;
  /** How long a client may take for each MiB begun of an answer, in milliseconds; its connection is then cut. */
  readonly stallMs: number;
  /** A request was turned away; `code` is that of its answer. */
  readonly onRejected: (request: FastifyRequest, reply: FastifyReply, code: string) => void;
  /** A request failed through no fault of the client. */
  readonly onFailed: (error: unknown) => void;
}

/** The line with the URL and all headers of a request. */
const MAX_HEAD_BYTES = 16_384;
/** The longest URL; what a client has to say at length stands in a body. */
const MAX_URL_LENGTH = 8_192;

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
    maxHeaderSize: MAX_HEAD_BYTES,
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

/** An API's answers are no documents: nothing in them runs, is framed, guessed at or told to other sites. TLS ends in front, and so does HSTS. */
const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** Creates the HTTP side of a relay without routes: what holds for all requests, and the form of every error. It logs nothing. */
export function createApp(options: AppOptions): FastifyInstance {
  const boundAnswer = createBoundAnswer(options.stallMs);
  const app = fastify({
    trustProxy: [...(options.trustProxy ?? [])],
    ...CONNECTION,
    clientErrorHandler: answerBroken,
    // A body is what it says, or it is refused; and a name such as `__proto__` is an ordinary one, since nothing is merged.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    // As long as the keys that a body may name.
    routerOptions: { maxParamLength: 256 },
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
    // Its own answer to a URL that cannot be decoded quotes the URL, and with it a key.
    frameworkErrors: (error, request, reply) => {
      // No hook sees these.
      boundAnswer(request, reply);
      if (error.code === 'FST_ERR_MAX_PARAM_LENGTH') {
        replyError(reply, 414, 'URL_TOO_LONG', 'A name in this path has more than 256 characters.');
      } else replyError(reply, 400, 'BAD_REQUEST', 'This request cannot be read.');
    },
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (request.url.length > MAX_URL_LENGTH) {
      return replyError(reply, 414, 'URL_TOO_LONG', `A URL may have ${MAX_URL_LENGTH} characters here.`);
    }
  });
  app.addHook('onSend', async (request, reply, payload) => boundAnswer(request, reply, payload));
  app.addHook('onResponse', async (request, reply) => {
    const code = rejectionOf(request);
    if (code !== undefined) options.onRejected(request, reply, code);
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
