import type { CreateVerifier, HeldState, KeyProvider, Logger } from '@flags/sync';
import { createSyncReplica, formatEnvelope, formatPosition, parsePosition, rulesetJsonOf } from '@flags/sync';
import { systemClock } from '../clock.ts';
import type { EdgeKv } from '../kv.ts';
import type { PublishOutcome } from '../publisher.ts';
import { createKvPublisher } from '../publisher.ts';
import type { Fetch } from '../transport.ts';
import { createFetchTransport } from '../transport.ts';

/** What a Durable Object follows. */
export interface FlagsObjectOptions {
  /** Where the relay is, with its prefix if it has one. */
  readonly url: string;
  readonly key: string | KeyProvider;
  /** A store that is told of every state, for isolates that cannot reach the object. */
  readonly kv?: EdgeKv | undefined;
  /** `verifyKeys([publicKey])`: nothing is passed on that the holder of such a key has not signed. */
  readonly verify?: CreateVerifier | undefined;
  /** Where it reports; nowhere by default. */
  readonly logger?: Logger | undefined;
}

/** The part of a Durable Object's state that is used. */
export interface ObjectState {
  readonly storage: { setAlarm(at: number): Promise<void> };
}

/** A Durable Object. */
export interface FlagsObject {
  fetch(request: Request): Promise<Response>;
  alarm(): Promise<void>;
}

/** A class of Durable Objects, to be exported by a Worker. */
export type FlagsObjectClass<Env> = new (state: ObjectState, env: Env) => FlagsObject;

/** A binding to Durable Objects. */
export interface ObjectNamespace {
  idFromName(name: string): unknown;
  get(id: never): { fetch(url: string, init: RequestInit): Promise<Response> };
}

// An object that nobody asks is put to sleep after a minute or so, and its stream ends. The alarm comes first.
const ALARM_INTERVAL = 30_000;

/**
 * Makes a class of Durable Objects that hold one stream to a relay and answer `GET /v1/snapshot` from memory. While the stream is
 * down, and for all else, requests go on to the relay.
 */
export function createFlagsObject<Env>(configure: (env: Env) => FlagsObjectOptions): FlagsObjectClass<Env> {
  // Not a class, but what `new` makes of a function that returns an object is the object.
  return function FlagsObject(state: ObjectState, env: Env): FlagsObject {
    return createObject(state, configure(env));
  } as unknown as FlagsObjectClass<Env>;
}

/**
 * The option `fetch` for isolates that ask such an object instead of the relay.
 *
 * @param name One object for each; by default one for all. With the place in the name (`request.cf.colo`), one for each place.
 */
export function objectFetch(namespace: ObjectNamespace, name = 'flags'): Fetch {
  // A stub belongs to the request that got it.
  return (url, init) => namespace.get(namespace.idFromName(name) as never).fetch(url, init);
}

function createObject(state: ObjectState, { url, key, kv, verify, logger }: FlagsObjectOptions): FlagsObject {
  const view = typeof key === 'string' && key.startsWith('ck_') ? 'client' : 'server';
  const verifier = verify?.(key);
  const onOutcome = (outcome: PublishOutcome): void => {
    if (outcome.kind === 'failed')
      logger?.warn(`The store of flags cannot be written: ${outcome.reason}. Isolates that ask this object go on.`);
  };
  const publisher = kv && createKvPublisher(kv, { view, current: () => (isCurrent ? held : undefined), onOutcome });
  let held: HeldState | undefined;
  let body: string | undefined;
  let isCurrent = false;
  let isStarted = false;

  async function wake(): Promise<void> {
    if (!isStarted) {
      isStarted = true;
      createSyncReplica(
        {
          url,
          key,
          ...(verifier && { verifier }),
          onState: (next) => {
            held = next;
            body = undefined;
            publisher?.publish();
          },
          onStatus: ({ stale }) => {
            isCurrent = !stale;
            publisher?.publish();
          },
        },
        { transport: createFetchTransport((to, init) => fetch(to, init)), clock: systemClock, random: Math.random },
      );
    }
    await state.storage.setAlarm(Date.now() + ALARM_INTERVAL);
  }

  function snapshot({ ruleset, position }: HeldState, request: Request): Response {
    const headers = { etag: `"${formatPosition(position)}"`, 'content-type': 'application/json' };
    const asked = parsePosition(/"([^"]*)"/.exec(request.headers.get('if-none-match') ?? '')?.[1]);
    if (asked?.epoch === position.epoch && asked.hash === position.hash)
      return new Response(null, { status: 304, headers });
    body ??= formatEnvelope({ type: 'FULL_SYNC', position, reason: 'initial', ruleset: rulesetJsonOf(ruleset) });
    return new Response(body, { headers });
  }

  return {
    fetch: async (request) => {
      await wake();
      const isSnapshot = request.method === 'GET' && new URL(request.url).pathname.endsWith('/v1/snapshot');
      return isSnapshot && isCurrent && held !== undefined ? snapshot(held, request) : fetch(request);
    },
    alarm: async () => {
      await wake();
      publisher?.publish();
    },
  };
}
