// What a platform gives to a client. A new platform is these few functions.

/** A GET request, or a POST when it has a body. */
export interface TransportRequest {
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as UTF-8, to the origin of `url` alone. */
  readonly body?: string;
}

/** The start of a response, after redirects. */
export interface ResponseHead {
  readonly status: number;
  readonly contentType?: string | undefined;
  readonly retryAfter?: string | undefined;
  /** For those who poll by themselves; the machine does not look at it. */
  readonly etag?: string | undefined;
}

/** Gets a response as it comes: `response` once, then `bytes` as often as need be, then `end`; or `end` at any time. */
export interface TransportReceiver {
  response(head: ResponseHead): void;
  /** A piece of the body, of any length. It may be reused after the call. */
  bytes(chunk: Uint8Array): void;
  /** Comes once, last. `problem` says in a few words why a response is missing or cut short; it must hold no secret. */
  end(problem?: string): void;
}

/** A request under way. */
export interface Connection {
  /** Ends the request and frees its socket. The receiver hears nothing any more. Calling it again does nothing. */
  close(): void;
}

/** Makes requests. Never throws; failures go to `end`. */
export interface Transport {
  open(request: TransportRequest, receiver: TransportReceiver): Connection;
}

/** Tells time and sets timers. */
export interface Clock {
  /** The wall clock, epoch milliseconds. */
  now(): number;
  /** Milliseconds since some moment; never jumps. */
  monotonic(): number;
  /**
   * Calls back once, after so many milliseconds. Returns how to call it off. The timer lets the process exit, unless
   * `keepAlive` says that someone waits for it.
   */
  after(ms: number, callback: () => void, keepAlive?: boolean): () => void;
}

/** Keeps one text from one run of the program to the next. */
export interface Store {
  /** What was kept last, at once; `undefined` when there is nothing. May throw; an error's `code` says why. */
  read(): string | undefined;
  /** Keeps this instead, whole or not at all. Resolves when it is safe. May reject; an error's `code` says why. */
  write(text: string): Promise<void>;
}

/** Uniform in `[0, 1)`. For jitter, not for secrets. */
export type Random = () => number;

/** Where a client reports. Nothing is logged unless one is given. `console` is one. */
export interface Logger {
  info(text: string): void;
  warn(text: string): void;
}

/** Everything a platform gives. */
export interface Ports {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
}
