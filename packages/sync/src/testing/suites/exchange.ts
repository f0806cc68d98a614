import type { Transport } from '@flags/sync';

/** A server under the suite's control, listening where the transport can reach it. */
export interface SuiteServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** One request as the suite's server sees it. */
export interface SuiteExchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The whole body, as text. */
  readonly body: Promise<string>;
  readonly respond: (status: number, headers: Readonly<Record<string, string>>) => void;
  readonly write: (piece: string | Uint8Array) => void;
  readonly end: () => void;
  /** Cuts the connection without ending the response. */
  readonly cut: () => void;
  /** Resolves when the client is gone. */
  readonly gone: Promise<void>;
}

/** What a transport's suite needs. `test` is a test runner's function. */
export interface TransportSuite {
  readonly test: (name: string, body: () => Promise<void>) => void;
  readonly createTransport: () => Transport;
  readonly serve: (handle: (exchange: SuiteExchange) => void) => Promise<SuiteServer>;
  /**
   * What follows redirects: `reads` where the platform does not say where one leads, so that a post follows none; `nothing` where it
   * would take the key along, so that all are handed on. `everything` unless told otherwise.
   */
  readonly follows?: 'everything' | 'reads' | 'nothing';
  /**
   * `false` where the platform takes a body that was cut, or damaged in compression, for one that has ended. Nothing false is used for
   * that: half an event is none, and half of a ruleset or what is not decoded is no JSON.
   */
  readonly seesDamage?: boolean;
}
