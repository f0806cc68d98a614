import type { Position } from '@flags/sync';
import { comparePositions, formatPosition, parsePosition } from '@flags/sync';
import type { FastifyInstance } from 'fastify';
import { envelopeOf } from '../frame.ts';
import type { ViewRouteOptions } from './access.ts';
import type { ViewName } from '../view.ts';
import { openView, queryText } from './access.ts';
import { entityTag, sendCompressed } from './compressed.ts';
import { replyError } from './reply.ts';

/** An answer between two positions never changes. */
const FOR_EVER = 'max-age=31536000, immutable';
// What a server key is shown is secret: only the client itself may keep it, and asks each time; but while nothing answers, what
// it keeps is better than nothing. What a client key is shown is public, and a cache may answer for some seconds.
const CACHING: Readonly<Record<ViewName, string>> = {
  server: 'private, max-age=0, stale-if-error=86400',
  client: 'public, max-age=5, stale-while-revalidate=30, stale-if-error=86400',
};

/**
 * `GET /v1/snapshot`: the same messages for those who poll, as `{ event, data }`. With `since` what leads from there to the
 * head; without, everything. 304 when there is nothing newer. The `ETag` is the position, weak where the answer may be compressed. With `to`, which has to be the head,
 * the answer may be kept for ever; 404 when the head is another by now.
 */
export function snapshotRoute(app: FastifyInstance, options: ViewRouteOptions): void {
  app.get('/v1/snapshot', async (request, reply) => {
    const view = openView(options, request, reply);
    if (view === undefined) return reply;
    const held = parsePosition(queryText(request, 'since'));
    if (held !== undefined && comparePositions(held, view.position) > 0) options.onBehind(held);
    const head = formatPosition(view.position);
    const to = queryText(request, 'to');
    reply.header('vary', 'Authorization, Accept-Encoding, Origin');
    if (to !== undefined && to !== head) {
      return replyError(reply, 404, 'POSITION_GONE', 'The flags are not at the position in `to` here. Ask without it.');
    }
    reply.headers({ etag: entityTag(request, head), 'cache-control': CACHING[view.name] });
    if (to === undefined && holdsHead(request.headers['if-none-match'], view.position)) return reply.code(304).send();
    const answer = view.answer(held);
    // `since` is a condition as much as `If-None-Match`: a holder of the head, or of something newer, needs nothing.
    if (answer.kind !== 'message') return reply.code(304).send();
    if (to !== undefined)
      reply.header('cache-control', `${view.name === 'client' ? 'public' : 'private'}, ${FOR_EVER}`);
    return sendCompressed(request, reply, envelopeOf(answer.message));
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
