import { Buffer } from 'node:buffer';
import type { FastifyReply, FastifyRequest } from 'fastify';

const MIB = 1_048_576;

/** Gives a client time to take an answer. */
export type BoundAnswer = (request: FastifyRequest, reply: FastifyReply, payload?: unknown) => void;

/**
 * Cuts clients that do not take an answer: without that, one that never reads keeps its connection, and what waits for it, for
 * as long as it likes. Streams are no answers in this sense; the hub looks after them.
 *
 * @param stallMs An answer has to be taken within this, for each MiB of it begun.
 */
export function createBoundAnswer(stallMs: number): BoundAnswer {
  return ({ raw: { socket } }, { raw: response }, payload) => {
    const bytes = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload.length : 0;
    // The connection and not the answer alone, which may wait for others before it.
    const cut = (): void => void socket.destroy();
    const timer = setTimeout(cut, stallMs * Math.max(1, Math.ceil(bytes / MIB))).unref();
    response.once('finish', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
  };
}
