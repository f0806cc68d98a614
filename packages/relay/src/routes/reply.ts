import type { FastifyReply, FastifyRequest } from 'fastify';

// The request's own object is not extended: a map on the side needs no declaration of a foreign type.
const codes = new WeakMap<FastifyRequest, string>();

/** Answers with the one form all errors have: `{ "error": { "code", "message" } }`. `code` is a fixed word: metrics count by it. */
export function replyError(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  noteRejection(reply, code);
  return reply.code(status).header('cache-control', 'no-store').send({ error: { code, message } });
}

/** Notes why a request is turned away, for answers of another form. */
function noteRejection(reply: FastifyReply, code: string): void {
  codes.set(reply.request, code);
}

/** Why a request was turned away; `undefined` when it was not. */
export function rejectionOf(request: FastifyRequest): string | undefined {
  return codes.get(request);
}

/** Whether an answer has the form of all errors. */
export function isErrorBody(
  body: unknown,
): body is { readonly error: { readonly code: string; readonly message: string } } {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, 'error');
}
