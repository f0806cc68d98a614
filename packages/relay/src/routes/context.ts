import type { EvaluationContext } from '@flags/core';
import { CONTEXT_SIGNATURE_HEADER, proveContext } from '@flags/node';
import { withoutSegments } from '@flags/sync';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ContextSegments } from '../context-segments.ts';
import type { ViewName } from '../view.ts';
import { replyError } from './reply.ts';

/** The most a body with a context may have. */
export const CONTEXT_BODY_BYTES = 65_536;

const MAX_DEPTH = 8;
const MAX_VALUES = 1_000;
const MAX_KEY_LENGTH = 512;

/** The form of a context; what a schema cannot say, `contextProblem` does. */
export const CONTEXT_SCHEMA = {
  description:
    'Whom flags are read for: targetingKey, and whatever attributes the rules name; 1 000 values and 8 levels at most.',
  type: 'object',
  maxProperties: 256,
  examples: [{ targetingKey: 'user-1', plan: 'pro', org: { id: 7 } }],
} as const;

/** What is wrong with a context of the right form, in one sentence that quotes nothing of it. */
function contextProblem(context: Readonly<Record<string, unknown>>): string | undefined {
  const unit = Object.hasOwn(context, 'targetingKey') ? context['targetingKey'] : undefined;
  if (unit !== undefined && typeof unit !== 'string' && !Number.isSafeInteger(unit)) {
    return 'The targetingKey of the context is neither a text nor a whole number.';
  }
  if (typeof unit === 'string' && unit.length > MAX_KEY_LENGTH) {
    return `The targetingKey of the context has more than ${MAX_KEY_LENGTH} characters.`;
  }
  // Level by level and not on the stack.
  let level: readonly unknown[] = [context];
  let values = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return `The context is nested more than ${MAX_DEPTH} levels deep.`;
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
    values += level.length;
    if (values > MAX_VALUES) return `The context holds more than ${MAX_VALUES} values.`;
  }
  return undefined;
}

/** What a route that takes contexts needs. */
export interface ContextRouteOptions {
  /** With any, holders of client keys are answered only for contexts that one of them signed. */
  readonly contextSecrets: readonly string[];
  /** Where external segments are looked up, if they are. */
  readonly segments: ContextSegments | undefined;
}

/** A context that may be answered for. */
export interface TakenContext {
  readonly context: EvaluationContext;
  /** Until when, epoch milliseconds. */
  readonly until: number;
}

/**
 * Takes the context of a request. `undefined` when the request has been answered instead: 400 for a context that is too much, 403
 * for one whose signature is missing, wrong or expired. Where segments are looked up here, what anybody with a client key says of
 * them is dropped: only servers are believed, by their key or by their signature.
 */
export function takeContext(
  { contextSecrets, segments }: ContextRouteOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  context: EvaluationContext,
  as: ViewName,
): TakenContext | undefined {
  const problem = contextProblem(context);
  if (problem !== undefined) {
    replyError(reply, 400, 'INVALID_CONTEXT', problem);
    return undefined;
  }
  if (as === 'server') return { context, until: Infinity };
  if (contextSecrets.length === 0) {
    return { context: segments === undefined ? context : withoutSegments(context), until: Infinity };
  }
  const signature = request.headers[CONTEXT_SIGNATURE_HEADER];
  if (typeof signature !== 'string') {
    refuse(reply, 'SIGNATURE_MISSING', 'send what your server signed this context with as X-Flags-Context-Signature.');
    return undefined;
  }
  const proof = proveContext(context, signature, contextSecrets);
  if ('until' in proof) return { context, until: proof.until };
  if (proof.problem === 'expired') refuse(reply, 'SIGNATURE_EXPIRED', 'have your server sign the context anew.');
  else
    refuse(reply, 'SIGNATURE_WRONG', 'it has to be made of exactly this context, with a secret that is in use here.');
  return undefined;
}

const WHAT = {
  SIGNATURE_MISSING: 'A client key reads only contexts that are signed',
  SIGNATURE_EXPIRED: 'The signature of the context has expired',
  SIGNATURE_WRONG: 'The signature does not fit the context',
};

function refuse(reply: FastifyReply, code: keyof typeof WHAT, fix: string): void {
  replyError(reply, 403, code, `${WHAT[code]}: ${fix}`);
}
