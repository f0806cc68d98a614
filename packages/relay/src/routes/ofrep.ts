import { createHash } from 'node:crypto';
import type { ErrorCode, EvaluationContext } from '@flags/core';
import { comparePositions, parsePosition } from '@flags/sync';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { keyOf } from '../auth.ts';
import type { Reading } from '../evaluator.ts';
import { readableKeys, readFlags } from '../evaluator.ts';
import type { Feed } from '../feed.ts';
import type { ViewName } from '../view.ts';
import { openView, queryText, viewGuard } from './access.ts';
import { CONTEXT_BODY_BYTES, CONTEXT_SCHEMA, takeContext } from './context.ts';
import type { EvaluateRouteOptions } from './evaluate.ts';
import type { StreamRouteOptions } from './open-stream.ts';
import { openStream } from './open-stream.ts';
import { isErrorBody, replyError } from './reply.ts';

/** What the routes of OFREP need. */
export interface OfrepRouteOptions extends EvaluateRouteOptions, StreamRouteOptions {
  /** What tells each kind of key that its answers may have changed. */
  readonly notices: Readonly<Record<ViewName, Feed>>;
  /** What stands before these paths. */
  readonly prefix: string;
}

interface Body {
  readonly context?: EvaluationContext;
}

// Members that this version of the protocol does not know are left to a later one.
const BODY = { type: ['object', 'null'], properties: { context: CONTEXT_SCHEMA } } as const;

const DETAILS: Readonly<Record<ErrorCode, string>> = {
  PROVIDER_NOT_READY: 'There are no flags here yet.',
  FLAG_NOT_FOUND: 'There is no flag of this key that the key of this request may read.',
  PARSE_ERROR: 'The flag is broken, so it is served to nobody.',
  TYPE_MISMATCH: 'The flag has another type.',
  TARGETING_KEY_MISSING: 'The flag is split by a unit that the context does not have, such as its targetingKey.',
  INVALID_CONTEXT: 'The context cannot be read.',
  GENERAL: 'The flag cannot be read for this context.',
};

/**
 * The OpenFeature Remote Evaluation Protocol 0.3: `POST /ofrep/v1/evaluate/flags/{key}`, the bulk
 * `POST /ofrep/v1/evaluate/flags` with an `ETag` over its answer, and the event stream that it names. Register it in a scope of its own: all errors within take
 * the protocol's form.
 */
export function ofrepRoutes(app: FastifyInstance, options: OfrepRouteOptions): void {
  const { onRequest, viewOf } = viewGuard(options);
  app.addHook('preSerialization', async (request, reply, payload) => {
    if (!isErrorBody(payload)) return payload;
    const { code, message } = payload.error;
    const errorDetails = message;
    if (![400, 413, 415].includes(reply.statusCode)) return { errorDetails };
    const { key } = request.params as { readonly key?: string };
    const errorCode = code === 'INVALID_CONTEXT' ? 'INVALID_CONTEXT' : 'PARSE_ERROR';
    return { ...(key === undefined ? {} : { key }), errorCode, errorDetails };
  });
  const settings = { onRequest, bodyLimit: CONTEXT_BODY_BYTES, schema: { body: BODY } };

  app.post<{ Body: Body | null | undefined; Params: { readonly key: string } }>(
    '/ofrep/v1/evaluate/flags/:key',
    settings,
    async (request, reply) => {
      const { context: given = {} } = request.body ?? {};
      const { name } = viewOf(request);
      const taken = takeContext(options, request, reply, given, name);
      if (taken === undefined) return reply;
      const { key } = request.params;
      const rules = options.evaluator.rules();
      const asked = readableKeys(rules, name, [key]);
      const context = (await options.segments?.prepare(rules, taken.context, asked)) ?? taken.context;
      const [reading] = rules === undefined ? [] : readFlags(rules, name, context, Date.now(), [key]);
      reply.header('cache-control', 'no-store');
      if (reading === undefined) return replyError(reply, 503, 'NOT_READY', DETAILS.PROVIDER_NOT_READY);
      options.evaluator.counts.add('ofrep', reading.resolution);
      const { reason, errorCode } = reading.resolution;
      if (reason === 'ERROR') reply.code(errorCode === 'FLAG_NOT_FOUND' ? 404 : 400);
      return reply.send(resultOf(reading));
    },
  );

  app.post<{ Body: Body | null | undefined }>('/ofrep/v1/evaluate/flags', settings, async (request, reply) => {
    const { context: given = {} } = request.body ?? {};
    const view = viewOf(request);
    const taken = takeContext(options, request, reply, given, view.name);
    if (taken === undefined) return reply;
    const rules = options.evaluator.rules();
    const context = (await options.segments?.prepare(rules, taken.context)) ?? taken.context;
    if (rules === undefined) return replyError(reply, 503, 'NOT_READY', DETAILS.PROVIDER_NOT_READY);
    // It was told of a change by a replica that is ahead of this one.
    const told = parsePosition(queryText(request, 'flagConfigEtag'));
    if (told !== undefined && comparePositions(told, view.position) > 0) options.onBehind(told);
    const readings = readFlags(rules, view.name, context, Date.now());
    for (const { resolution } of readings) options.evaluator.counts.add('ofrep', resolution);
    const flags = readings.map(resultOf);
    const eventStreams = view.name === 'client' ? eventStreamsFor(request, options.prefix) : {};
    return replyTagged(reply, request.headers['if-none-match'], JSON.stringify({ flags, ...eventStreams }));
  });

  app.get('/ofrep/v1/stream', { exposeHeadRoute: false }, (request, reply) => {
    const view = openView(options, request, reply, 'connects');
    return view === undefined ? reply : openStream(options, request, reply, () => options.notices[view.name]);
  });
}

/** An EventSource sends no header, so only a key that may stand in a URL gets one. No context does. */
function eventStreamsFor(request: FastifyRequest, prefix: string): object {
  const requestUri = `${prefix}/ofrep/v1/stream?key=${encodeURIComponent(keyOf(request).key)}`;
  return { eventStreams: [{ type: 'sse', endpoint: { requestUri } }] };
}

/** Answers with a text, or with 304 to whoever holds it. The tag is over the text: a change that this context does not notice is none. */
function replyTagged(reply: FastifyReply, held: string | undefined, text: string): FastifyReply {
  const tag = createHash('sha256').update(text).digest('base64url').slice(0, 22);
  reply.headers({ etag: `"${tag}"`, 'cache-control': 'private, no-cache', vary: 'Authorization, X-API-Key, Origin' });
  // Weak comparison: a proxy that compresses makes `"x"` a `W/"x"`.
  const isHeld = held?.split(',').some((one) => one.trim().replace(/^W\//, '') === `"${tag}"`) ?? false;
  return isHeld ? reply.code(304).send() : reply.type('application/json; charset=utf-8').send(text);
}

function resultOf({ key, flag, resolution }: Reading): object {
  const { value, reason, variant, errorCode = 'GENERAL' } = resolution;
  if (reason === 'ERROR') return { key, errorCode, errorDetails: DETAILS[errorCode] };
  const metadata = metadataOf(flag?.metadata);
  return { key, value, reason, variant, ...(metadata.length === 0 ? {} : { metadata: Object.fromEntries(metadata) }) };
}

/** A flag's metadata is not checked when it is compiled, and the protocol allows plain values only. */
function metadataOf(metadata: unknown): readonly (readonly [string, unknown])[] {
  if (typeof metadata !== 'object' || metadata === null) return [];
  return Object.entries(metadata).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
}
