import type { Position } from '@flags/sync';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Access, Authorize, Use } from '../auth.ts';
import type { Holder } from '../keys/relay-key.ts';
import type { KeyKind } from '../keys/key.ts';
import type { Environment } from '../environment.ts';
import type { View } from '../view.ts';
import { replyError } from './reply.ts';

/** What a route that serves a view needs. */
export interface ViewRouteOptions {
  readonly authorize: Authorize;
  readonly environment: Environment;
  /** A client holds a newer state than this relay: have the source looked at. */
  readonly onBehind: (ahead: Position) => void;
}

/**
 * The view that a request may read. `undefined` when the request has been answered instead: 401 or 403 for its key, 403 for
 * a server key where the relay is fed with the client's view alone, 503 while there is no ruleset yet.
 */
export function openView(
  options: ViewRouteOptions,
  request: FastifyRequest,
  reply: FastifyReply,
  use?: Use,
): View | undefined {
  const access = authorizeRequest(options.authorize, request, reply, use);
  if (access === undefined) return undefined;
  if (access.view === 'server' && options.environment.scope === 'client') {
    const message =
      'This relay follows another with a client key, so it has nothing for server keys. Ask one that has.';
    replyError(reply, 403, 'CLIENT_KEYS_ONLY', message);
    return undefined;
  }
  const view = options.environment.view(access.view);
  if (view === undefined) {
    reply.header('retry-after', '1');
    replyError(reply, 503, 'NOT_READY', 'There are no flags here yet: the source has not answered.');
  }
  return view;
}

/** Opens the view of a request before its body is read: nobody without a key makes this relay take one in. */
export interface ViewGuard {
  /** The hook of the route. */
  readonly onRequest: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
  /** The view that the hook opened. */
  readonly viewOf: (request: FastifyRequest) => View;
}

/** Creates the guard of a route with a body. */
export function viewGuard(options: ViewRouteOptions, use?: Use): ViewGuard {
  const views = new WeakMap<FastifyRequest, View>();
  return {
    onRequest: async (request, reply) => {
      const view = openView(options, request, reply, use);
      if (view === undefined) return reply;
      views.set(request, view);
    },
    viewOf: (request) => {
      const view = views.get(request);
      if (view === undefined) throw new Error('A route asks for a view that its hook has not opened.');
      return view;
    },
  };
}

// The request's own object is not extended: a map on the side needs no declaration of a foreign type.
const accesses = new WeakMap<FastifyRequest, Access>();

/** What the key of a request opens, once `authorizeRequest` has let it in. */
export function accessOf(request: FastifyRequest): Access {
  const access = accesses.get(request);
  if (access === undefined) throw new Error('A route asks for the access of a request that nothing has let in.');
  return access;
}

/** What the key of a request opens. `undefined` when the request has been answered instead, with 401, 403 or 429. */
export function authorizeRequest(
  authorize: Authorize,
  request: FastifyRequest,
  reply: FastifyReply,
  use: Use = 'requests',
): Access | undefined {
  const holder = authorizeHolder(authorize, request, reply, ['server', 'client'], use);
  if (holder === undefined) return undefined;
  const access: Access = { ...holder, view: holder.kind === 'client' ? 'client' : 'server' };
  accesses.set(request, access);
  return access;
}

/** Whose key a request came with, when it is of one of these kinds. `undefined` when the request has been answered instead. */
export function authorizeHolder(
  authorize: Authorize,
  request: FastifyRequest,
  reply: FastifyReply,
  kinds: readonly KeyKind[],
  use: Use,
): Holder | undefined {
  const holder = authorize(request, use);
  if ('status' in holder) {
    const { status, code, message, retryAfterMs } = holder;
    if (status === 401) reply.header('www-authenticate', 'Bearer');
    if (retryAfterMs !== undefined) reply.header('retry-after', String(Math.ceil(retryAfterMs / 1_000)));
    replyError(reply, status, code, message);
    return undefined;
  }
  if (kinds.includes(holder.kind)) return holder;
  const wanted = kinds.map((kind) => `a${kind === 'admin' ? 'n' : ''} ${kind} key`).join(' or ');
  replyError(reply, 403, 'KEY_KIND', `This needs ${wanted}; the key of this request is of the kind ${holder.kind}.`);
  return undefined;
}

/** A parameter of the query, when it is there exactly once. */
export function queryText(request: FastifyRequest, name: string): string | undefined {
  const query = request.query as Readonly<Record<string, unknown>>;
  const value = Object.hasOwn(query, name) ? query[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}
