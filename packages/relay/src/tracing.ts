import type * as Api from '@opentelemetry/api';
import type { Context, Span, SpanContext } from '@opentelemetry/api';
import type { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RelayError } from './errors.ts';
import { rejectionOf } from './routes/reply.ts';

/**
 * Tells an OpenTelemetry collector how long things took. A span holds the template of a route, a status, counts and versions: no
 * key, address, URL, header, context or value ever. `traceparent` of a request is taken over, baggage and `tracestate` are not.
 */
export interface Tracing {
  /** A span for each request from now on, but for probes and scrapes. */
  watch(app: FastifyInstance): void;
  /** A request became a stream: its span ends, the stream goes on. */
  streaming(request: FastifyRequest): void;
  /** A change was taken over: a span until `fannedOut`. */
  committed(version: number, changed: { readonly flags: number; readonly segments: number }): void;
  /** Everything taken over has been written to so many streams, in this time since the first change of it. */
  fannedOut(ms: number, streams: number): void;
  /** A span for a look at the source. */
  refresh<T>(look: () => Promise<T>): Promise<T>;
  /** Sends what is left; takes 2 s at most. */
  close(): Promise<void>;
}

/** Probes and scrapes would be most of what is told. */
const UNTOLD: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz', '/metrics']);
const CLOSE_MS = 2_000;
/** Of `traceparent`, any version; what later versions add stands behind. https://www.w3.org/TR/trace-context/ */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** Whether these environment variables ask for traces: an OTLP endpoint is named, and nothing turns them off. */
export function wantsTraces(env: Readonly<Record<string, string | undefined>>): boolean {
  const isOff = env['OTEL_SDK_DISABLED']?.toLowerCase() === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none';
  const endpoint = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'] ?? '';
  return endpoint !== '' && !isOff;
}

/**
 * Starts tracing to where OpenTelemetry's own environment variables say. Loads its packages only now; throws a `RelayError` that
 * says what to install when they are not there.
 */
export async function startTracing(version: string): Promise<Tracing> {
  const { api, provider } = await load(version);
  const tracer = provider.getTracer('@flags/relay', version);
  const { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } = api;
  const requests = new WeakMap<FastifyRequest, Span>();
  let commits: Span[] = [];

  const parentOf = (request: FastifyRequest): Context => {
    const given = spanContextOf(request.headers['traceparent']);
    return given !== undefined && api.isSpanContextValid(given)
      ? trace.setSpanContext(ROOT_CONTEXT, given)
      : ROOT_CONTEXT;
  };
  const end = (request: FastifyRequest, status: number): void => {
    const span = requests.get(request);
    if (span === undefined) return;
    requests.delete(request);
    span.setAttribute('http.response.status_code', status);
    const code = rejectionOf(request);
    if (code !== undefined) span.setAttribute('error.type', code);
    if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  };

  return {
    watch: (app) => {
      app.addHook('onRequest', async (request) => {
        const route = request.is404 ? undefined : request.routeOptions.url;
        if (UNTOLD.has(route) && route !== undefined) return;
        const attributes = {
          'http.request.method': request.method,
          ...(route === undefined ? {} : { 'http.route': route }),
        };
        const name = route === undefined ? request.method : `${request.method} ${route}`;
        requests.set(request, tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parentOf(request)));
      });
      app.addHook('onResponse', async (request, reply) => end(request, reply.statusCode));
    },
    streaming: (request) => end(request, 200),
    committed: (head, { flags, segments }) => {
      const attributes = { 'flags.version': head, 'flags.changed': flags, 'flags.segments.changed': segments };
      commits.push(tracer.startSpan('commit', { root: true, attributes }));
    },
    fannedOut: (ms, streams) => {
      const now = Date.now();
      for (const commit of commits) {
        const parent = trace.setSpan(ROOT_CONTEXT, commit);
        const attributes = { 'flags.streams': streams };
        tracer.startSpan('fan-out', { startTime: now - ms, attributes }, parent).end(now);
        commit.end(now);
      }
      commits = [];
    },
    refresh: async (look) => {
      const span = tracer.startSpan('source refresh', { root: true, kind: SpanKind.CLIENT });
      try {
        return await look();
      } catch (error) {
        // Its message may name an address.
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    },
    close: async () => {
      const late = new Promise<void>((resolve) => void setTimeout(resolve, CLOSE_MS).unref());
      // A collector that is away keeps no relay from ending.
      await Promise.race([provider.shutdown().catch(() => {}), late]);
    },
  };
}

function spanContextOf(header: unknown): SpanContext | undefined {
  const [, traceId, spanId, flags] = (typeof header === 'string' ? TRACEPARENT.exec(header) : null) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}

async function load(version: string): Promise<{
  readonly api: typeof Api;
  readonly provider: BasicTracerProvider;
}> {
  try {
    const [api, sdk, resources, exporter] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ]);
    const named = resources.resourceFromAttributes({ 'service.name': 'flags-relay', 'service.version': version });
    // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
    const resource = named.merge(resources.detectResources({ detectors: [resources.envDetector] }));
    const spanProcessors = [new sdk.BatchSpanProcessor(new exporter.OTLPTraceExporter())];
    return { api, provider: new sdk.BasicTracerProvider({ resource, spanProcessors }) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && /^(ERR_)?MODULE_NOT_FOUND$/.test(String(error.code))))
      throw error;
    throw new RelayError(
      'INVALID_OPTION',
      'Traces are asked for, but OpenTelemetry is not installed. Run: npm install @opentelemetry/api@1 @opentelemetry/sdk-trace-base@2 @opentelemetry/resources@2 @opentelemetry/exporter-trace-otlp-http@0.223',
    );
  }
}
