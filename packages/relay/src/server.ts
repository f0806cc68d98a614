import { performance } from 'node:perf_hooks';
import { fastify } from 'fastify';
import manifest from '../package.json' with { type: 'json' };
import { createAlarm } from './alarm.ts';
import { createApp } from './app.ts';
import { createAuth } from './auth.ts';
import { serveBareSockets } from './bare-sockets.ts';
import { createBehind } from './behind.ts';
import { checkKeys, checkOptions } from './check-options.ts';
import { closeListeners } from './closing.ts';
import { allowOrigins } from './cors.ts';
import { createEnvironment } from './environment.ts';
import { createEvaluator } from './evaluator.ts';
import { createContextSegments } from './context-segments.ts';
import { createContextRoom, DEFAULT_CONTEXT_BYTES } from './context-room.ts';
import { createHub } from './hub/hub.ts';
import { DEFAULT_HUB_OPTIONS } from './hub/options.ts';
import { createIntake } from './intake.ts';
import { jsonLog } from './json-log.ts';
import { createKeyRing } from './keys/key-ring.ts';
import { listenOn, urlOf } from './listen.ts';
import type { RelayLog } from './log.ts';
import { SILENT } from './log.ts';
import { createMetrics } from './metrics.ts';
import { createNoticeFeed } from './notice-feed.ts';
import { describeRoutes, openApiRoute } from './openapi/document.ts';
import type { Relay, RelayCommit, RelayOptions } from './options.ts';
import { createPropagation } from './propagation.ts';
import { rejectionLog } from './request-log.ts';
import { ackRoute } from './routes/ack.ts';
import { clientStreamRoute } from './routes/client-stream.ts';
import { evaluateRoute } from './routes/evaluate.ts';
import { eventsRoute } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { historyRoute } from './routes/history.ts';
import { metricsRoute } from './routes/metrics.ts';
import { ofrepRoutes } from './routes/ofrep.ts';
import { rulesetRoute } from './routes/ruleset.ts';
import { snapshotRoute } from './routes/snapshot.ts';
import { streamRoute } from './routes/stream.ts';
import { createRulesets } from './rulesets.ts';
import { sealerOf } from './sealer.ts';
import { createSnapshotTier } from './tiers/snapshot.ts';
import { createStoreTier } from './tiers/stores.ts';
import { startTracing } from './tracing.ts';
import { createValueFeeds } from './value-feeds.ts';

/**
 * Creates a relay and starts its source. Throws a `RelayError`: `INVALID_SOURCE` with every place when the source cannot be
 * used at start, `INVALID_OPTION` for an option that cannot be used.
 */
export async function createRelay(options: RelayOptions): Promise<Relay> {
  checkOptions(options);
  const keys = checkKeys(options.keys);
  const { source, host = '127.0.0.1', port = 8080, prefix = '', heartbeatMs = 30_000, contextSecrets = [] } = options;
  const log: RelayLog = options.log === 'json' ? jsonLog() : (options.log ?? SILENT);
  const tracing = options.traces === true ? await startTracing(manifest.version) : undefined;
  // Where nobody comes with a server key, nothing is kept for them.
  const reserve = source.scope === 'client' ? { serverReserve: 0 } : {};
  const hub = createHub({
    ...reserve,
    ...options.streams,
    heartbeatMs,
    acks: options.acks ?? false,
    isAllowed: (keyId) => ring.isAllowed(keyId, Date.now()),
    onFanOut: (ms) => {
      metrics.fannedOut(ms);
      tracing?.fannedOut(ms, hub.size);
    },
  });
  const ring = createKeyRing(keys, {
    origins: options.origins ?? [],
    onEnded: ({ keyId, name: keyName }, end) => {
      log.info({ keyId, keyName, end }, 'a key has ended');
      hub.endKey(keyId);
    },
  });
  const auth = createAuth({ ring, limits: options.limits ?? {} });
  const { authorize } = auth;
  const logRejection = rejectionLog(log);
  const app = createApp({
    trustProxy: options.trustProxy,
    stallMs: options.streams?.stallMs ?? DEFAULT_HUB_OPTIONS.stallMs,
    onRejected: (request, reply, code) => {
      metrics.rejected(code);
      const found = auth.identify(request);
      logRejection(request, reply, code, 'status' in found ? found.of : found);
    },
    onFailed: (error) => log.error({ err: error }, 'a request failed'),
  });
  const sockets = serveBareSockets(app.server, `${prefix}/v1/stream`);
  tracing?.watch(app);
  allowOrigins(app, auth, ring);
  const sealer = sealerOf(options);
  const environment = createEnvironment({ scope: source.scope ?? 'server', sealer });
  const evaluator = createEvaluator(environment);
  const rulesets = createRulesets(prefix);
  const alarm = createAlarm(() => hub.publish());
  const { maxStreams = DEFAULT_HUB_OPTIONS.maxStreams, maxContextBytes = DEFAULT_CONTEXT_BYTES } =
    options.streams ?? {};
  const metrics = createMetrics({
    hub,
    maxStreams,
    evaluations: evaluator.counts,
    stores: () => stores.counts,
    drift: () => source.drift,
    isBroken: () => intake.isBroken,
  });
  const { segments: create } = options;
  const segments = create && createContextSegments({ create, evaluator, log, observer: metrics.segments });
  const valueFeeds = createValueFeeds(evaluator, alarm, { segments });
  const watched = { environment, evaluator, alarm };
  const notices = { server: createNoticeFeed('server', watched), client: createNoticeFeed('client', watched) };
  const propagation = createPropagation();
  const contextRoom = createContextRoom({ maxStreams, maxContextBytes });
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
  const intake = createIntake({
    environment,
    log,
    onCommit: (changed) => {
      const { widest } = environment;
      if (widest === undefined) return;
      const commit: RelayCommit = { position: widest.position, changed, at: Date.now() };
      propagation.committed(widest.position, performance.now());
      evaluator.changed(changed);
      metrics.committed();
      tracing?.committed(widest.position.version, {
        flags: changed.flags.length,
        segments: changed.segments.length,
      });
      hub.publish();
      becomeReady();
      snapshot?.save();
      stores.save();
      tell(() => options.onCommit?.(commit));
    },
    onBroken: (problems) => tell(() => options.onBrokenSource?.(problems)),
    onMended: () => tell(options.onMendedSource),
  });
  const { snapshot: path } = options;
  const currentAt = (): number => intake.staleSince ?? Date.now();
  const snapshot = path === undefined ? undefined : createSnapshotTier({ path, environment, log, currentAt });

  const isCurrent = (): boolean => intake.staleSince === undefined;
  const stores = createStoreTier({ stores: options.stores ?? [], environment, log, isCurrent });

  const onBehind = createBehind(
    (ahead) => (tracing === undefined ? source.refresh(ahead) : tracing.refresh(() => source.refresh(ahead))),
    log,
  );

  const onStreaming = tracing?.streaming;
  await describeRoutes(app, prefix);
  healthRoutes(app, { environment, isDraining: () => isDraining, staleSince: () => intake.staleSince });
  const { metrics: metricsAt } = options;
  const metricsApp = metricsAt === undefined || metricsAt === false ? undefined : fastify();
  if (metricsApp !== undefined) metricsRoute(metricsApp, { metrics });
  else if (metricsAt !== false) metricsRoute(app, { metrics, authorize });
  let metricsUrl: string | undefined;
  await app.register(
    async (routes) => {
      rulesetRoute(routes, { authorize, environment, onBehind, rulesets });
      streamRoute(routes, { authorize, environment, onBehind, rulesets, hub, onStreaming });
      openApiRoute(routes);
      const values = { contextSecrets, segments, evaluator, contextRoom, valueFeeds };
      clientStreamRoute(routes, { authorize, environment, onBehind, hub, onStreaming, ...values });
      eventsRoute(routes, { authorize, onEvents: (batch, { view }) => tell(() => options.onEvents?.(batch, view)) });
      snapshotRoute(routes, { authorize, environment, onBehind });
      historyRoute(routes, { authorize, environment, onBehind });
      ackRoute(routes, { authorize, hub, metrics, propagation });
      evaluateRoute(routes, { authorize, environment, onBehind, contextSecrets, segments, evaluator });
      const views = { authorize, environment, onBehind, evaluator, hub, notices };
      const ofrep = { ...views, contextSecrets, segments, prefix, onStreaming };
      await routes.register(async (scope) => ofrepRoutes(scope, ofrep));
    },
    { prefix },
  );

  try {
    const kept = snapshot?.load();
    const doubt = kept && source.doubt?.(kept);
    if (doubt !== undefined) log.warn({}, `the snapshot is not used. ${doubt}`);
    const saved = doubt === undefined ? kept : undefined;
    if (sealer !== undefined) log.info({ verifyKey: sealer.publicKey }, 'signs its flags; clients may pin this key');
    if (saved !== undefined) intake.restore(saved);
    await source.start(intake.sink, saved);
  } catch (error) {
    void stores.close();
    metrics.close();
    ring.close();
    await tracing?.close();
    throw error;
  }

  const close = async (): Promise<void> => {
    isDraining = true;
    alarm.stop();
    await source.stop();
    log.info({ streams: hub.size }, 'closing: no new connections, goodbye to every stream');
    const said = hub.drain();
    await closeListeners(metricsApp === undefined ? [app] : [app, metricsApp], sockets, said);
    await snapshot?.flush();
    await stores.close();
    metrics.close();
    ring.close();
    await tracing?.close();
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
    setKeys: (next) => ring.replace(checkKeys(next)),
    get streams() {
      return hub.size;
    },
    close: () => (closing ??= close()),
  };
}
