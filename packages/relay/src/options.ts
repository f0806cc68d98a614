import type { FileProblem } from '@flags/config';
import type { EdgeKv } from '@flags/edge';
import type { CreateSegments, EventBatch, Position } from '@flags/sync';
import type { ChangedKeys } from './changelog.ts';
import type { RelayKey } from './keys/relay-key.ts';
import type { Limits, Loose } from './limits.ts';
import type { RelayLog } from './log.ts';
import type { Source } from './sources/source.ts';
import type { ViewName } from './view.ts';

/** A change that the relay took over and is pushing. */
export interface RelayCommit {
  /** Where the flags stand after it, as holders of server keys see them. */
  readonly position: Position;
  readonly changed: ChangedKeys;
  /** When it was taken over, epoch milliseconds. */
  readonly at: number;
}

/** What streams may take. Numbers above 0, for `serverReserve` from 0 on; `Infinity` lifts a limit. */
export interface StreamLimits {
  /** Open at once; 15 000 when absent. One more is asked to come back, with 503 and `Retry-After`: an open one is never thrown out. */
  readonly maxStreams?: number;
  /**
   * Open at once with one key that has no number of its own; one more is answered with 429. When absent, any number with a server
   * key, and two thirds of `maxStreams` with a client key, which anyone can take from a page.
   */
  readonly maxStreamsPerKey?: number;
  /** Of `maxStreams`, what client keys together leave to server keys; a fifth when absent. One more with a client key gets 503. */
  readonly serverReserve?: number;
  /** A stream that has been open for 80 to 100 % of this is asked to come back, so that load balancers spread it anew; never when absent. */
  readonly maxStreamAgeMs?: number;
  /** Who has not taken what it was sent, a stream or an answer, within this, for each MiB of it begun, is cut; 15 000 when absent. */
  readonly stallMs?: number;
  /** Memory that may wait for readers, over all streams: above it the worst are cut; 64 MiB when absent. */
  readonly maxBacklogBytes?: number;
  /**
   * Memory for the contexts that streams of values keep; 128 MiB when absent. Half of it is for all `maxStreams` alike, the other
   * half for contexts that are larger than that; when it is full, one more of those is answered with 503.
   */
  readonly maxContextBytes?: number;
}

/** A store that is told of every state, so that isolates at the edge find it there (`kv`, `globalKv` of `@flags/edge`). */
export interface PublishedStore {
  readonly kv: EdgeKv;
  /** What is written there: what server keys are shown, which is secret, or what client keys are. */
  readonly view: ViewName;
  /** What logs and metrics call it; its place in the list, from 1, when absent. */
  readonly name?: string;
  /**
   * How often it is told that nothing is newer, so that isolates need not ask a relay; 15 000 when absent, and never when `Infinity`,
   * for stores where each write counts.
   */
  readonly confirmMs?: number;
}

/** How a relay is set up. */
export interface RelayOptions {
  /** Where the flags come from. */
  readonly source: Source;
  /**
   * Who may read. A key that starts with `ck_` is a public client key, one with `ad_` an admin key, any other a secret server key.
   * At least one.
   */
  readonly keys: readonly (string | RelayKey)[];
  /** The origins whose pages may read with client keys that have no list of their own; none when absent. `*`: all. */
  readonly origins?: readonly string[];
  /** How often a key may connect and ask, and an address fail; what is absent is `DEFAULT_LIMITS`. Over them: 429 with `Retry-After`. */
  readonly limits?: Loose<Limits>;
  /**
   * Which proxies in front are believed about a client's address (`X-Forwarded-For`): their addresses or networks, e.g.
   * `10.0.0.0/8`. None when absent.
   */
  readonly trustProxy?: readonly string[];
  /**
   * Secrets of at least 32 characters that your servers sign contexts with (`signContext` of `@flags/node`). With any, holders of
   * client keys are answered only for contexts that one of them signed; several, so that they can be changed without a gap.
   */
  readonly contextSecrets?: readonly string[];
  /**
   * `externalSegments(lookUp)`: who is in segments that are marked `external`. Looked up before flags are evaluated here. `$segments`
   * is then believed of holders of server keys, and in contexts that are signed; from others it is dropped.
   */
  readonly segments?: CreateSegments;
  /**
   * An Ed25519 private key in PEM. Every state is signed with it, so that clients that pin its public key trust nothing else,
   * whatever lies between. For relays whose flags begin here; one that follows another passes signatures on.
   */
  readonly signingKey?: string;
  /**
   * A file that keeps the last good flags, so that a restart serves them while the source cannot be reached, and resumes clients
   * where they are. Its directory is made, one level. One file for each relay.
   */
  readonly snapshot?: string;
  /** Stores at the edge that are told of every state, once a second at most; none when absent. Each needs `get` and `put`. */
  readonly stores?: readonly PublishedStore[];
  /** 8080 when absent; 0 takes any free port. */
  readonly port?: number;
  /** 127.0.0.1 when absent: reachable from this machine alone, until someone decides otherwise. */
  readonly host?: string;
  /** Put before every path but the health routes, e.g. `/sync`. */
  readonly prefix?: string;
  /** Between heartbeats of a stream; 30 000 when absent. */
  readonly heartbeatMs?: number;
  /** What streams may take. */
  readonly streams?: StreamLimits;
  /**
   * Where Prometheus finds `/metrics`. When absent, beside the other routes and for server keys only. With a port (0 takes any
   * free one) on a listener of its own that asks for no key; its host is 127.0.0.1 when absent. `false`: nowhere.
   */
  readonly metrics?: false | { readonly port: number; readonly host?: string };
  /**
   * Whether streams are asked to acknowledge what they have applied, so that metrics show how long a change takes to arrive;
   * false when absent, since each change then costs a request a client.
   */
  readonly acks?: boolean;
  /**
   * Whether an OpenTelemetry collector is told how long requests, changes and looks at the source took; false when absent. Where it
   * is, OpenTelemetry's own environment variables say (`OTEL_EXPORTER_OTLP_ENDPOINT`); its packages have to be installed beside.
   */
  readonly traces?: boolean;
  /** Silent when absent. `json`: one JSON object a line to stdout, as log collectors like it. */
  readonly log?: RelayLog | 'json';
  /** Called for the first ruleset and after every change. */
  readonly onCommit?: (commit: RelayCommit) => void;
  /**
   * Called with what clients report: how often each flag gave which answer, who is part of an experiment, what happened. `from`
   * is the kind of key they hold; anyone has a client key, so what comes from one may be made up. Dropped when absent.
   */
  readonly onEvents?: (batch: EventBatch, from: ViewName) => void;
  /** Called when the source cannot be used; the last good flags stay in use. */
  readonly onBrokenSource?: (problems: readonly FileProblem[]) => void;
  /** Called when a source that was broken can be used again, before what it changed is taken over. */
  readonly onMendedSource?: () => void;
}

/** A relay: a client of its source, a server to SDKs. */
export interface Relay {
  /** Opens the port. Throws a `RelayError`, `PORT_IN_USE` among others; the source goes on until `close`. */
  listen(): Promise<void>;
  /** Where it listens, e.g. `http://127.0.0.1:8080`; what `listen` will try before that. */
  readonly url: string;
  /** Where `/metrics` listens, where it has a listener of its own. */
  readonly metricsUrl: string | undefined;
  /** Resolves once there are flags to serve. */
  readonly ready: Promise<void>;
  /**
   * Takes these keys in place of the ones before. A key that is not among them opens nothing from now on, and its streams end;
   * to let one run out, keep it with `expiresAt`. Throws `INVALID_OPTION` and changes nothing when one of them cannot be used.
   */
  setKeys(keys: readonly (string | RelayKey)[]): void;
  /** How many streams are open. */
  readonly streams: number;
  /** Says goodbye to every stream, and stops: within 2 s after the last goodbye is written, whatever peers do. Calling it again changes nothing. */
  close(): Promise<void>;
}
