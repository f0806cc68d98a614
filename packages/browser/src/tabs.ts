import type { Clock, Connection, Transport, TransportReceiver, TransportRequest } from '@flags/sync';
import { catchUp } from './catch-up.ts';
import type { TabClient, TellAll } from './catch-up.ts';
import { createEventBlocks } from './event-blocks.ts';
import type { PageLife } from './page-life.ts';
import { isStream, resumeStream } from './resumed-stream.ts';
import { parseTabMessage } from './tab-message.ts';
import type { TabMessage } from './tab-message.ts';

/** What of the browser is needed. */
export interface TabPorts<Client> {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly life: PageLife;
  /** The tab's client, once it is made: it knows where it stands. */
  readonly client: () => Client | undefined;
}

/** Shares one stream between tabs. */
export interface Tabs {
  readonly transport: Transport;
  /** Leaves for good. */
  stop(): void;
}

/** Makes a transport that shares its stream, or nothing where the browser has no means for it. */
export type ShareStream<Client> = (ports: TabPorts<Client>) => Tabs | undefined;

// In the name as well: a tab whose signature has expired leads nobody whose own has not.
const SIGNATURE = 'x-flags-context-signature';
// A leader answers at once, even when it has nothing to tell; one that does not is stuck.
const ANSWER_WITHIN = 3_000;

/**
 * Lets the tabs that want the same stream share one. A lock says who leads: that tab alone has a connection, and hands on every event.
 * To the others it is as if the leader were the relay: events from where they stand, heartbeats, an end. When the leader is closed,
 * frozen or crashes the browser frees its lock, and the next tab goes on from where it stands.
 *
 * @param tell Everything that a client holds, as the relay would say it.
 */
export function createShareStream<Client extends TabClient>(tell: TellAll<Client>): ShareStream<Client> {
  return (ports) => share(ports, tell);
}

function share<Client extends TabClient>(ports: TabPorts<Client>, tell: TellAll<Client>): Tabs | undefined {
  const { transport, life } = ports;
  if (globalThis.navigator?.locks === undefined || globalThis.BroadcastChannel === undefined) return undefined;
  const seats = new Map<string, Seat>();
  const leave = (): void => {
    for (const seat of seats.values()) seat.leave();
    seats.clear();
  };
  const stopListening = life.onSleep(leave);
  return {
    transport: {
      open: (request, receiver) => {
        if (!isStream(request)) return transport.open(request, receiver);
        const { url, headers, body = '' } = request;
        const name = `flags/1 ${url} ${headers['authorization']}${headers[SIGNATURE] ?? ''}${body}`;
        // Nobody comes back to a stream with another key or context: others may lead there.
        if (!seats.has(name)) leave();
        const seat = seats.get(name) ?? takeSeat(name, ports, tell);
        seats.set(name, seat);
        return seat.open(request, receiver);
      },
    },
    stop: () => {
      stopListening();
      leave();
    },
  };
}

/** A tab's place among those that share a stream. It is kept between two streams, so that an outage does not pass the lead around. */
interface Seat {
  open(request: TransportRequest, receiver: TransportReceiver): Connection;
  leave(): void;
}

/** The one stream of a seat. */
interface TabStream {
  /** The lead was won. */
  lead(): void;
  take(message: TabMessage): void;
}

function takeSeat<Client extends TabClient>(name: string, ports: TabPorts<Client>, tell: TellAll<Client>): Seat {
  const { transport, clock } = ports;
  const position = (): string | undefined => ports.client()?.status().position;
  const channel = new BroadcastChannel(name);
  const abort = new AbortController();
  let release = (): void => {};
  let isLeader = false;
  let isOver = false;
  let stream: TabStream | undefined;
  /** Followers that the leader could not answer yet, and where they stand. */
  const waiting = new Map<string, string | undefined>();
  const keepWaiting = (id: string, from: string | undefined): void => {
    waiting.set(id, from);
    post({ type: 'wait', id });
  };
  const post = (message: TabMessage): void => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel stays within its origin
    if (!isOver) channel.postMessage(message);
  };
  channel.addEventListener('message', ({ data }) => {
    const message = parseTabMessage(data);
    if (message === undefined || isOver) return;
    if (stream !== undefined) stream.take(message);
    else if (isLeader && message.type === 'join') keepWaiting(message.id, message.position);
  });
  const lead = (): void => {
    if (isOver) return;
    isLeader = true;
    stream?.lead();
    post({ type: 'lead' });
  };
  const whileLeading = (): Promise<void> =>
    new Promise((resolve) => {
      release = resolve;
      lead();
      if (isOver) resolve();
    });
  // Rejects when it is called off, and where locks are denied: there everyone leads.
  navigator.locks.request(name, { signal: abort.signal }, whileLeading).catch(lead);

  function open(first: TransportRequest, receiver: TransportReceiver): Connection {
    const resumed = resumeStream(first, receiver, position);
    let connection: Connection | undefined;
    let follower: { readonly id: string; readonly receiver: TransportReceiver; isStarted: boolean } | undefined;
    let cancelTimer = (): void => {};
    let intervalMs: number | undefined;

    function connect(): void {
      follower = undefined;
      cancelTimer();
      const blocks = createEventBlocks();
      const own = resumed.receiver((problem) => {
        // They all come again.
        waiting.clear();
        if (isLeader) post({ type: 'end', problem });
        close();
      });
      const opened = transport.open(resumed.request(), {
        response: (head) => {
          if (isLeader && head.status !== 200) {
            post({ type: 'head', status: head.status, retryAfter: head.retryAfter });
          }
          own.response(head);
        },
        bytes: (chunk) => {
          // Cut first: a transport may use the bytes again.
          const text = blocks.push(chunk);
          own.bytes(chunk);
          intervalMs ??= intervalIn(text);
          if (isLeader && text !== '') post({ type: 'text', text });
          for (const [id, from] of waiting) if (!answer(id, from)) break;
        },
        end: own.end,
      });
      if (stream === self) connection = opened;
      else opened.close();
    }

    /** Brings a follower up to date; `false` while the client is not live itself. */
    function answer(id: string, from: string | undefined): boolean {
      const client = connection && ports.client();
      const text = client && catchUp(client, tell, clock.now(), from, intervalMs);
      if (text === undefined) return false;
      waiting.delete(id);
      post({ type: 'start', id, text });
      return true;
    }

    function join(): void {
      cancelTimer();
      connection?.close();
      connection = undefined;
      const request = resumed.request();
      const id = `${Math.random()}`;
      follower = { id, receiver: resumed.receiver(close), isStarted: false };
      cancelTimer = clock.after(ANSWER_WITHIN, connect);
      post({ type: 'join', id, position: request.headers['last-event-id'] });
    }

    function follow(message: TabMessage): void {
      if (message.type === 'lead') return join();
      if (follower === undefined) return undefined;
      const { receiver: own, id } = follower;
      switch (message.type) {
        case 'wait':
          return message.id === id ? cancelTimer() : undefined;
        case 'start':
          if (message.id !== id) return undefined;
          cancelTimer();
          follower.isStarted = true;
          own.response({ status: 200, contentType: 'text/event-stream' });
          return own.bytes(new TextEncoder().encode(message.text));
        case 'text':
          return follower.isStarted ? own.bytes(new TextEncoder().encode(message.text)) : undefined;
        case 'head':
          return own.response({ status: message.status, retryAfter: message.retryAfter });
        case 'end':
          return own.end(message.problem);
        default:
          return undefined;
      }
    }

    function close(): void {
      if (stream === self) stream = undefined;
      cancelTimer();
      follower = undefined;
      connection?.close();
      connection = undefined;
    }

    const self: TabStream = {
      lead: () => {
        if (connection === undefined) connect();
      },
      take: (message) => {
        if (!isLeader) follow(message);
        else if (message.type === 'join' && !answer(message.id, message.position))
          keepWaiting(message.id, message.position);
      },
    };
    stream = self;
    if (isLeader) connect();
    else join();
    return { close };
  }

  return {
    open,
    leave: () => {
      isOver = true;
      isLeader = false;
      abort.abort();
      release();
      channel.close();
    },
  };
}

function intervalIn(text: string): number | undefined {
  const found = /"intervalMs":(\d{1,9})/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}
