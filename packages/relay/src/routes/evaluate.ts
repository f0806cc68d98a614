import type { EvaluationContext } from '@flags/core';
import { addToHash, formatPosition, formatStateHash, readingShare } from '@flags/sync';
import type { FastifyInstance } from 'fastify';
import { toRecord } from '../entries.ts';
import type { Evaluator } from '../evaluator.ts';
import { readableKeys, readFlags } from '../evaluator.ts';
import { tellReading } from '../values.ts';
import type { ViewRouteOptions } from './access.ts';
import { viewGuard } from './access.ts';
import type { ContextRouteOptions } from './context.ts';
import { CONTEXT_BODY_BYTES, CONTEXT_SCHEMA, takeContext } from './context.ts';

/** What the routes that evaluate need. */
export interface EvaluateRouteOptions extends ViewRouteOptions, ContextRouteOptions {
  readonly evaluator: Evaluator;
}

interface Body {
  readonly context?: EvaluationContext;
  readonly flags?: readonly string[];
}

const BODY = {
  type: 'object',
  // A slip of the pen in `flags` would otherwise ask for all of them.
  additionalProperties: false,
  properties: {
    context: CONTEXT_SCHEMA,
    flags: { type: 'array', minItems: 1, maxItems: 1_000, items: { type: 'string', minLength: 1, maxLength: 256 } },
  },
} as const;

/**
 * `POST /v1/evaluate`: one, many or all flags for the context in the body, as `{ position, values }`. The position's hash is
 * over these values: the same hash, the same values.
 */
export function evaluateRoute(app: FastifyInstance, options: EvaluateRouteOptions): void {
  const { onRequest, viewOf } = viewGuard(options);
  const settings = { onRequest, bodyLimit: CONTEXT_BODY_BYTES, schema: { body: BODY } };
  app.post<{ Body: Body }>('/v1/evaluate', settings, async (request, reply) => {
    const { context: given = {}, flags } = request.body;
    const { name, position: head } = viewOf(request);
    const taken = takeContext(options, request, reply, given, name);
    if (taken === undefined) return reply;
    const rules = options.evaluator.rules();
    const asked = readableKeys(rules, name, flags);
    const context = (await options.segments?.prepare(rules, taken.context, asked)) ?? taken.context;
    let hash = 0;
    const values = new Map<string, object>();
    for (const { key, resolution } of rules === undefined ? [] : readFlags(rules, name, context, Date.now(), flags)) {
      options.evaluator.counts.add('evaluate', resolution);
      const value = tellReading(resolution, name);
      if (!values.has(key)) hash = addToHash(hash, readingShare(key, value));
      values.set(key, value);
    }
    const position = formatPosition({ ...head, hash: formatStateHash(hash) });
    return reply.header('cache-control', 'no-store').send({ position, values: toRecord(values) });
  });
}
