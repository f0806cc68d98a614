import type { Message, ResponseHead, Transport, TransportReceiver, TransportRequest } from '@flags/sync';
import { FlagsError, formatEnvelope, formatMessage, messageData } from '@flags/sync';

/** One request a client made, and the other end of it. */
export interface ScriptedRequest {
  readonly request: TransportRequest;
  /** Whether the client ended it. */
  readonly closed: () => boolean;
  /** Starts the response; status 200 and the content type that was asked for, unless told otherwise. */
  respond(head?: Partial<ResponseHead>): void;
  /** Sends a message as the request's kind wants it: as an SSE block, or as the whole body of a snapshot or of values. */
  send(message: Message): void;
  /** Sends bytes, or text as UTF-8. */
  write(piece: Uint8Array | string): void;
  /** Ends the response; `problem` as a transport would give it. */
  end(problem?: string): void;
}

/** What a request is for; `stream`: of rules or of values; `ruleset`: one by reference, whatever its path. */
export type ScriptedKind = 'stream' | 'snapshot' | 'evaluate' | 'ruleset' | 'ack' | 'events';

/** A transport whose answers the test gives. */
export interface ScriptedTransport extends Transport {
  /** Every request so far. */
  readonly requests: readonly ScriptedRequest[];
  /** The last request of a kind. Throws when there is none. */
  last(kind: ScriptedKind): ScriptedRequest;
}

interface Encoder {
  encode(text: string): Uint8Array;
}

// As in `protocol/event-stream.ts`: every runtime has it, and nothing else of the platform is wanted.
declare const TextEncoder: new () => Encoder;

/**
 * Creates a transport for tests.
 *
 * @param onRequest Hears of each request; may answer it at once.
 */
export function createScriptedTransport(onRequest: (request: ScriptedRequest) => void = () => {}): ScriptedTransport {
  const requests: ScriptedRequest[] = [];
  const newest = new Map<ScriptedKind, ScriptedRequest>();
  return {
    requests,
    last: (kind) => {
      const found = newest.get(kind);
      if (found === undefined) {
        throw new FlagsError('INVALID_ARGUMENT', 'kind', `No ${kind} was requested yet.`, 'Start a client first.');
      }
      return found;
    },
    open: (request, receiver) => {
      const scripted = createScriptedRequest(request, receiver);
      requests.push(scripted.request);
      newest.set(kindOf(request), scripted.request);
      onRequest(scripted.request);
      return { close: scripted.close };
    },
  };
}

function createScriptedRequest(
  request: TransportRequest,
  receiver: TransportReceiver,
): { readonly request: ScriptedRequest; readonly close: () => void } {
  const encoder = new TextEncoder();
  const isStream = isStreamRequest(request);
  let closed = false;
  let over = false;
  const write = (piece: Uint8Array | string): void => {
    if (!closed && !over) receiver.bytes(typeof piece === 'string' ? encoder.encode(piece) : piece);
  };
  const end = (problem?: string): void => {
    if (closed || over) return;
    over = true;
    receiver.end(problem);
  };
  return {
    request: {
      request,
      closed: () => closed,
      respond: (head = {}) => {
        if (!closed && !over) receiver.response({ status: 200, contentType: request.headers['accept'], ...head });
      },
      send: (message) => {
        if (isStream) write(formatMessage(message));
        else write(kindOf(request) === 'evaluate' ? JSON.stringify(messageData(message)) : formatEnvelope(message));
        if (!isStream) end();
      },
      write,
      end,
    },
    close: () => {
      closed = true;
    },
  };
}

function kindOf({ url, body }: TransportRequest): ScriptedKind {
  const path = /\/v1\/(?:client\/)?(stream|snapshot|evaluate|ack)(?:\?|$)/.exec(url)?.[1];
  return (path as ScriptedKind | undefined) ?? (body === undefined ? 'ruleset' : 'events');
}

function isStreamRequest(request: TransportRequest): boolean {
  return request.headers['accept'] === 'text/event-stream';
}
