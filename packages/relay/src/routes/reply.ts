import type { FastifyReply } from 'fastify';

/** Answers with the one form all errors have: `{ "error": { "code", "message" } }`. */
export function replyError(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).header('cache-control', 'no-store').send({ error: { code, message } });
}
