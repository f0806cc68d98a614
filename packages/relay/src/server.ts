import { performance } from 'node:perf_hooks';
import type { FileProblem } from '@flags/config';
import type { EventBatch, Position } from '@flags/sync';
import { formatPosition } from '@flags/sync';
import { fastify, LogController } from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { KeyKind } from './auth.ts';
import { createAuth, isKey } from './auth.ts';
import type { ChangedKeys } from './changelog.ts';
import type { CommitOutcome } from './environment.ts';
import { createEnvironment } from './environment.ts';
import { createEvaluator } from './evaluator.ts';
import { RelayError } from './errors.ts';
import { createHub } from './hub.ts';
import { listenOn, urlOf } from './listen.ts';
import type { RelayLog } from './log.ts';
import { SILENT } from './log.ts';
import { createMetrics } from './metrics.ts';
import { sourceProblem } from './problem.ts';
import { createPropagation } from './propagation.ts';
import { ackRoute } from './routes/ack.ts';
import { evaluateRoute } from './routes/evaluate.ts';
import { failureOf } from './routes/failure.ts';
import { eventsRoute } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { metricsRoute } from './routes/metrics.ts';
import { ofrepRoutes } from './routes/ofrep.ts';
import { rejectionOf, replyError } from './routes/reply.ts';
import { snapshotRoute } from './routes/snapshot.ts';
import { streamRoute } from './routes/stream.ts';
import type { Source } from './sources/source.ts';

/** A change that the relay took over and is pushing. */
export interface RelayCommit {
  /** Where the flags stand after it, as holders of server keys see them. */
  readonly position: Position;
  readonly changed: ChangedKeys;
  /** When it was taken over, epoch milliseconds. */
  readonly at: number;
}

/** How a relay is set up. */
export interface RelayOptions {
  /** Where the flags come from. */
  readonly source: Source;
  /** Who may read. A key that starts with `ck_` is a public client key, any other a secret server key. At least one. */
  readonly keys: readonly string[];
  /** 8080 when absent; 0 takes any free port. */
  readonly port?: number;
  /** 127.0.0.1 when absent: reachable from this machine alone, until someone decides otherwise. */
  readonly host?: string;
  /** Put before every path but the health routes, e.g. `/sync`. */
  readonly prefix?: string;
  /** Between heartbeats of a stream; 30 000 when absent. */
  readonly heartbeatMs?: number;
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
  /** Silent when absent. `json`: one JSON object a line to stdout, as log collectors like it. */
  readonly log?: RelayLog | 'json';
  /** Called for the first ruleset and after every change. */
  readonly onCommit?: (commit: RelayCommit) => void;
  /**
   * Called with what clients report: how often each flag gave which answer, who is part of an experiment, what happened. `from`
   * is the kind of key they hold; anyone has a client key, so what comes from one may be made up. Dropped when absent.
   */
  readonly onEvents?: (batch: EventBatch, from: KeyKind) => void;
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
  /** How many streams are open. */
  readonly streams: number;
  /** Says goodbye to every stream, and stops. Takes 20 s at most. Calling it again changes nothing. */
  close(): Promise<void>;
}

/** Streams that a restarted sibling takes back in a second without strain. */
const SAFE_RECONNECTS_PER_SECOND = 1_000;
const CLOSE_MS = 20_000;

/**
 * Creates a relay and starts its source. Throws a `RelayError`: `INVALID_SOURCE` with every place when the source cannot be
 * used at start, `INVALID_OPTION` for an option that cannot be used.
 */
export async function createRelay(options: RelayOptions): Promise<Relay> {
  checkKeys(options.keys);
  const { source, host = '127.0.0.1', port = 8080, prefix = '', heartbeatMs = 30_000 } = options;
  // A request's own line would hold its URL, and with it a client key.
  const app: FastifyInstance = fastify({
    logger: options.log === 'json',
    // A body is what it says, or it is refused; and a name such as `__proto__` is an ordinary one, since nothing is merged.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    // As long as the keys that a body may name.
    routerOptions: { maxParamLength: 256 },
    onProtoPoisoning: 'ignore',
    onConstructorPoisoning: 'ignore',
    logController: new LogController({ disableRequestLogging: true }),
    // Its own answer to a URL that cannot be decoded quotes the URL, and with it a key.
    frameworkErrors: (_error, _request, reply) => {
      replyError(reply, 400, 'BAD_REQUEST', 'This request cannot be read.');
    },
  });
  const log: RelayLog = options.log === 'json' ? app.log : (options.log ?? SILENT);
  const environment = createEnvironment();
  const evaluator = createEvaluator(environment);
  let isBroken = false;
  const hub = createHub({ heartbeatMs, acks: options.acks ?? false, onFanOut: (ms) => metrics.fannedOut(ms) });
  const propagation = createPropagation();
  const metrics = createMetrics({ hub: hub.counts, isBroken: () => isBroken });
  let isDraining = false;
  let closing: Promise<void> | undefined;
  let url = urlOf(host, port);
  let becomeReady = (): void => {};
  const ready = new Promise<void>((resolve) => {
    becomeReady = resolve;
  });

  const tell = (listener: (() => void) | undefined): void => {
    try {
      listener?.();
    } catch (error) {
      log.error({ err: error }, 'a listener of the relay threw');
    }
  };
  const reportBroken = (problems: readonly FileProblem[]): void => {
    isBroken = true;
    log.warn({ problems }, 'the source cannot be used; the last good flags stay in use');
    tell(() => options.onBrokenSource?.(problems));
  };
  const take = (outcome: CommitOutcome): void => {
    if (outcome.kind === 'refused') {
      return reportBroken([sourceProblem('source', 'HISTORY', outcome.message, outcome.hint)]);
    }
    if (isBroken) {
      isBroken = false;
      log.info({}, 'the source can be used again');
      tell(options.onMendedSource);
    }
    const view = environment.view('server');
    if (outcome.kind !== 'committed' || view === undefined) return;
    const commit: RelayCommit = { position: view.position, changed: outcome.commit.changed, at: Date.now() };
    propagation.committed(view.position, performance.now());
    evaluator.changed(commit.changed);
    metrics.committed();
    hub.publish();
    becomeReady();
    log.info({ position: formatPosition(view.position), changed: commit.changed }, 'took over a change');
    tell(() => options.onCommit?.(commit));
  };

  let looking: Promise<void> | undefined;
  const onBehind = (): void => {
    // However many clients are ahead, the source is asked once.
    looking ??= source
      .refresh()
      .catch((error: unknown) => log.error({ err: error }, 'looking at the source again failed'))
      .finally(() => {
        looking = undefined;
      });
  };

  app.addHook('onResponse', async (request) => {
    const reason = rejectionOf(request);
    if (reason !== undefined) metrics.rejected(reason);
  });
  app.setNotFoundHandler((_request, reply) => replyError(reply, 404, 'NOT_FOUND', 'There is nothing at this path.'));
  app.setErrorHandler((error, request, reply) => {
    const failure = failureOf(error, request);
    if (failure !== undefined) return replyError(reply, failure.status, failure.code, failure.message);
    log.error({ err: error }, 'a request failed');
    return replyError(reply, 500, 'INTERNAL', 'The relay failed to answer; its log says why.');
  });
  const authorize = createAuth(options.keys);
  healthRoutes(app, { environment, isDraining: () => isDraining });
  const { metrics: metricsAt } = options;
  const metricsApp = metricsAt === undefined || metricsAt === false ? undefined : fastify();
  if (metricsApp !== undefined) metricsRoute(metricsApp, { metrics });
  else if (metricsAt !== false) metricsRoute(app, { metrics, authorize });
  let metricsUrl: string | undefined;
  await app.register(
    async (routes) => {
      streamRoute(routes, { authorize, environment, onBehind, hub });
      eventsRoute(routes, { authorize, onEvents: (batch, { view }) => tell(() => options.onEvents?.(batch, view)) });
      snapshotRoute(routes, { authorize, environment, onBehind });
      ackRoute(routes, { authorize, hub, metrics, propagation });
      evaluateRoute(routes, { authorize, environment, onBehind, evaluator });
      await routes.register(async (scope) => ofrepRoutes(scope, { authorize, environment, onBehind, evaluator }));
    },
    { prefix },
  );

  try {
    await source.start({
      replace: (ruleset) => take(environment.replace(ruleset)),
      apply: (change) => take(environment.apply(change)),
      broken: reportBroken,
      doubtful: (problems) => log.warn({ problems }, 'the source is in use, but something about it is doubtful'),
    });
  } catch (error) {
    metrics.close();
    throw error;
  }

  const close = async (): Promise<void> => {
    isDraining = true;
    await source.stop();
    log.info({ streams: hub.size }, 'closing: no new connections, goodbye to every stream');
    const windowMs = Math.min(Math.max((hub.size / SAFE_RECONNECTS_PER_SECOND) * 1_000, 2_000), CLOSE_MS);
    const closed = Promise.all([app.close(), metricsApp?.close()]);
    await hub.drain(windowMs);
    // Whoever does not hang up by then is cut off.
    const deadline = setTimeout(() => app.server.closeAllConnections(), CLOSE_MS).unref();
    await closed;
    clearTimeout(deadline);
    metrics.close();
  };

  return {
    listen: async () => {
      if (metricsApp !== undefined && metricsAt) {
        metricsUrl = await listenOn(metricsApp, metricsAt.host ?? '127.0.0.1', metricsAt.port);
      }
      url = await listenOn(app, host, port);
      log.info({ url }, 'listening');
      if (metricsUrl !== undefined) log.info({ url: metricsUrl }, 'listening for scrapes of /metrics');
    },
    get url() {
      return url;
    },
    get metricsUrl() {
      return metricsUrl;
    },
    ready,
    get streams() {
      return hub.size;
    },
    close: () => (closing ??= close()),
  };
}

function checkKeys(keys: readonly string[]): void {
  if (keys.length === 0) {
    throw new RelayError(
      'INVALID_OPTION',
      'keys is empty, so nobody could read. Give at least one, e.g. generateServerKey().',
    );
  }
  if (!keys.every(isKey)) {
    throw new RelayError(
      'INVALID_OPTION',
      'One of keys cannot be a key. Use visible ASCII characters without spaces and commas.',
    );
  }
}
