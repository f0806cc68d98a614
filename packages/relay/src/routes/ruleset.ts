import type { FastifyInstance } from 'fastify';
import type { Rulesets } from '../rulesets.ts';
import type { ViewRouteOptions } from './access.ts';
import { openView, queryText } from './access.ts';
import { entityTag, sendCompressed } from './compressed.ts';
import { replyError } from './reply.ts';

/** What the route of rulesets needs. */
export interface RulesetRouteOptions extends ViewRouteOptions {
  readonly rulesets: Rulesets;
}

/** `GET /v1/ruleset?position=`: a ruleset that a stream has named, byte for byte; 404 once it is too old. It never changes. */
export function rulesetRoute(app: FastifyInstance, options: RulesetRouteOptions): void {
  app.get('/v1/ruleset', async (request, reply) => {
    const view = openView(options, request, reply);
    if (view === undefined) return reply;
    const position = queryText(request, 'position') ?? '';
    const bytes = options.rulesets.find(view.name, position);
    if (bytes === undefined) {
      return replyError(reply, 404, 'POSITION_GONE', 'This ruleset is not kept here any more. Ask for /v1/snapshot.');
    }
    const access = view.name === 'client' ? 'public' : 'private';
    reply.headers({ etag: entityTag(request, position), 'cache-control': `${access}, max-age=31536000, immutable` });
    reply.header('vary', 'Authorization, Accept-Encoding, Origin');
    return sendCompressed(request, reply, bytes);
  });
}
