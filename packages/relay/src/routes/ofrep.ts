import { createHash } from 'node:crypto';
import type { ErrorCode, EvaluationContext } from '@flags/core';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Reading } from '../evaluator.ts';
import { readFlags } from '../evaluator.ts';
import { viewGuard } from './access.ts';
import { CONTEXT_BODY_BYTES, CONTEXT_SCHEMA, contextProblem } from './context.ts';
import type { EvaluateRouteOptions } from './evaluate.ts';
import { isErrorBody, replyError } from './reply.ts';

interface Body {
  readonly context?: EvaluationContext;
}

// Members that this version of the protocol does not know are left to a later one.
const BODY = { type: 'object', nullable: true, properties: { context: CONTEXT_SCHEMA } } as const;

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
 * The OpenFeature Remote Evaluation Protocol 0.1, core: `POST /ofrep/v1/evaluate/flags/{key}` and the bulk
 * `POST /ofrep/v1/evaluate/flags` with an `ETag` over its answer. Register it in a scope of its own: all errors within take
 * the protocol's form.
 */
export function ofrepRoutes(app: FastifyInstance, options: EvaluateRouteOptions): void {
  const { onRequest, viewOf } = viewGuard(options);
  app.addHook('onRequest', async ({ headers }) => {
    const key = headers['x-api-key'];
    // The protocol's other way to send a key.
    if (typeof key === 'string') headers.authorization ??= `Bearer ${key}`;
  });
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
    (request, reply) => {
      const { context = {} } = request.body ?? {};
      const problem = contextProblem(context);
      if (problem !== undefined) return replyError(reply, 400, 'INVALID_CONTEXT', problem);
      const { key } = request.params;
      const rules = options.evaluator.rules();
      const { name } = viewOf(request);
      const [reading] = rules === undefined ? [] : readFlags(rules, name, context, Date.now(), [key]);
      reply.header('cache-control', 'no-store');
      if (reading === undefined) return replyError(reply, 503, 'NOT_READY', DETAILS.PROVIDER_NOT_READY);
      const { reason, errorCode } = reading.resolution;
      if (reason === 'ERROR') reply.code(errorCode === 'FLAG_NOT_FOUND' ? 404 : 400);
      return reply.send(resultOf(reading));
    },
  );

  app.post<{ Body: Body | null | undefined }>('/ofrep/v1/evaluate/flags', settings, (request, reply) => {
    const { context = {} } = request.body ?? {};
    const problem = contextProblem(context);
    if (problem !== undefined) return replyError(reply, 400, 'INVALID_CONTEXT', problem);
    const rules = options.evaluator.rules();
    if (rules === undefined) return replyError(reply, 503, 'NOT_READY', DETAILS.PROVIDER_NOT_READY);
    const readings = readFlags(rules, viewOf(request).name, context, Date.now());
    return replyTagged(reply, request.headers['if-none-match'], JSON.stringify({ flags: readings.map(resultOf) }));
  });
}

/** Answers with a text, or with 304 to whoever holds it. The tag is over the text: a change that this context does not notice is none. */
function replyTagged(reply: FastifyReply, held: string | undefined, text: string): FastifyReply {
  const tag = createHash('sha256').update(text).digest('base64url').slice(0, 22);
  reply.headers({ etag: `"${tag}"`, 'cache-control': 'private, no-cache', vary: 'Authorization, X-API-Key' });
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
