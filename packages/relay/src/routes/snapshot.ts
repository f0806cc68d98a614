import type { Position } from '@flags/sync';
import { comparePositions, formatPosition, parsePosition } from '@flags/sync';
import type { FastifyInstance } from 'fastify';
import { envelopeOf } from '../frame.ts';
import type { ViewRouteOptions } from './access.ts';
import { openView, queryText } from './access.ts';

/**
 * `GET /v1/snapshot`: the same messages for those who poll, as `{ event, data }`. With `since` what leads from there to the
 * head; without, everything. 304 when there is nothing newer. The `ETag` is the position.
 */
export function snapshotRoute(app: FastifyInstance, options: ViewRouteOptions): void {
  app.get('/v1/snapshot', (request, reply) => {
    const view = openView(options, request, reply);
    if (view === undefined) return reply;
    const held = parsePosition(queryText(request, 'since'));
    if (held !== undefined && comparePositions(held, view.position) > 0) options.onBehind();
    reply.headers({
      etag: `"${formatPosition(view.position)}"`,
      // The key decides what is seen, so only the client itself may keep the answer, and has to ask each time.
      'cache-control': 'private, no-cache',
      vary: 'Authorization, Origin',
    });
    if (holdsHead(request.headers['if-none-match'], view.position)) return reply.code(304).send();
    const answer = view.answer(held);
    // `since` is a condition as much as `If-None-Match`: a holder of the head, or of something newer, needs nothing.
    if (answer.kind !== 'message') return reply.code(304).send();
    return reply.type('application/json; charset=utf-8').send(envelopeOf(answer.message));
  });
}

/**
 * Weak comparison: a proxy that compresses makes `"x"` a `W/"x"`. Epoch and hash decide; a version that moved while this view
 * did not is no new content.
 */
function holdsHead(header: string | undefined, head: Position): boolean {
  if (header === undefined) return false;
  return header.split(',').some((tag) => {
    const text = /^\s*(?:W\/)?"([^"]*)"\s*$/.exec(tag)?.[1];
    const held = parsePosition(text);
    return held?.epoch === head.epoch && held.hash === head.hash;
  });
}
