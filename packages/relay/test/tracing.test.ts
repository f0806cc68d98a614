import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { memorySource } from '../src/index.ts';
import { wantsTraces } from '../src/tracing.ts';
import { openStream } from './reader.ts';
import { flag, ruleset } from './ruleset.ts';
import { CLIENT_KEY, KEY, open, start, until } from './start.ts';

interface Span {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind: number;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code: number };
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}
interface Collector {
  readonly url: string;
  /** Everything received, as it came. */
  readonly texts: readonly string[];
  readonly spans: () => readonly Span[];
}

/** A receiver of OTLP over HTTP. */
async function collect(): Promise<Collector> {
  const texts: string[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      texts.push(Buffer.concat(parts).toString());
      response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  type Batch = { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    texts,
    spans: () =>
      texts.flatMap((text) =>
        (JSON.parse(text) as Batch).resourceSpans.flatMap((one) => one.scopeSpans.flatMap(({ spans }) => spans)),
      ),
  };
}

const attributesOf = ({ attributes }: Span): object =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const TRACE = '0af7651916cd43dd8448eb211c80319c';

afterEach(() => void vi.unstubAllEnvs());

describe('traces', () => {
  it('reach a collector, with a span for requests, changes and looks at the source', async () => {
    const collector = await collect();
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url);
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=staging');
    const source = memorySource(ruleset(1, [flag('canary-flag', 1, { client: true })]));
    const { relay, get } = await start({
      source: { ...source, refresh: async () => Promise.reject(new Error('canary-address')) },
      traces: true,
    });
    const auth = { authorization: `Bearer ${KEY}` };
    const traced = {
      ...auth,
      traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
      tracestate: 'canary=state',
      baggage: 'user=canary-baggage',
      'user-agent': 'canary-agent',
    };
    const post = (path: string, headers: Readonly<Record<string, string>>): Promise<Response> =>
      fetch(`${relay.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: '{"context":{"targetingKey":"canary-unit","email":"canary@mail"},"flags":["canary-flag"]}',
      });
    expect((await post('/v1/evaluate?q=canary-query', traced)).status).toBe(200);
    expect((await post('/ofrep/v1/evaluate/flags/canary-flag', auth)).status).toBe(200);
    expect((await get('/v1/snapshot?key=canary-unknown-key', {})).status).toBe(401);
    expect((await get('/canary-path', {})).status).toBe(404);
    expect((await get('/healthz')).status).toBe(200);
    // Ahead of the relay: it looks at its source.
    expect((await get('/v1/snapshot?since=02canary.9.00000000')).status).toBe(304);
    const body = { context: { targetingKey: 'canary-unit' } };
    const reader = await openStream(
      `${relay.url}/v1/client/stream?key=${CLIENT_KEY}`,
      { 'last-event-id': 'canary' },
      body,
    );
    open.push(reader);
    await reader.change();
    source.apply({ version: 2, flags: { 'canary-flag': flag('canary-flag', 2, { client: true, enabled: false }) } });
    await reader.change();
    reader.close();
    await relay.close();

    const spans = collector.spans();
    const named = (name: string): Span[] => spans.filter((span) => span.name === name);
    const [evaluate] = named('POST /v1/evaluate');
    expect(evaluate).toMatchObject({
      traceId: TRACE,
      parentSpanId: 'b7ad6b7169203331',
      kind: 2,
    });
    expect(attributesOf(evaluate as Span)).toEqual({
      'http.request.method': 'POST',
      'http.route': '/v1/evaluate',
      'http.response.status_code': 200,
    });
    expect(named('POST /ofrep/v1/evaluate/flags/:key')).toHaveLength(1);
    const snapshots = named('GET /v1/snapshot').map(attributesOf);
    expect(snapshots).toContainEqual(
      expect.objectContaining({ 'http.response.status_code': 401, 'error.type': 'KEY_UNKNOWN' }),
    );
    // A path that is no route, without the path.
    expect(named('GET').map(attributesOf)).toEqual([
      { 'http.request.method': 'GET', 'http.response.status_code': 404, 'error.type': 'NOT_FOUND' },
    ]);
    expect(named('POST /v1/client/stream')).toHaveLength(1);
    expect(spans.some(({ name }) => name.includes('healthz'))).toBe(false);
    const commits = named('commit');
    expect(commits.map(attributesOf)).toEqual(
      [1, 2].map((version) => expect.objectContaining({ 'flags.version': version })),
    );
    const fanOut = named('fan-out').find(({ parentSpanId }) => parentSpanId === commits[1]?.spanId);
    expect(attributesOf(fanOut as Span)).toEqual({ 'flags.streams': 1 });
    expect(named('source refresh')).toMatchObject([{ status: { code: 2 } }]);
    const text = collector.texts.join();
    expect(text).toContain('flags-relay');
    expect(text).toContain('staging');
    for (const secret of ['canary', KEY, CLIENT_KEY, '127.0.0.1']) expect(text).not.toContain(secret);
  });

  it('hold the streams on bare sockets, which end when they are open, and those that are turned away', async () => {
    const collector = await collect();
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url);
    const { relay } = await start({ traces: true });
    const ask = async (key: string): Promise<Socket> => {
      const socket = connect(Number(new URL(relay.url).port), '127.0.0.1');
      open.push({ close: () => socket.destroy() });
      // As plain as it has to be to be read off the socket itself.
      const parent = `traceparent: 00-${TRACE}-b7ad6b7169203331-01`;
      socket.write(`GET /v1/stream?key=${key} HTTP/1.1\r\nhost: relay\r\n${parent}\r\n\r\n`);
      await new Promise((resolve) => void socket.once('data', resolve));
      return socket;
    };
    await ask(CLIENT_KEY);
    const refused = await ask('ck_canary');
    // Node's own server would keep this connection for the next request.
    await until(() => refused.closed);
    expect(relay.streams).toBe(1);
    const opened = BigInt(Date.now() + 20) * 1_000_000n;
    await new Promise((resolve) => void setTimeout(resolve, 50));
    await relay.close();
    const spans = collector.spans().filter(({ name }) => name === 'GET /v1/stream');
    expect(spans.map(attributesOf).map((all) => Object.values(all).slice(2))).toEqual([[200], [401, 'KEY_UNKNOWN']]);
    for (const { traceId, parentSpanId, endTimeUnixNano } of spans) {
      expect([traceId, parentSpanId]).toEqual([TRACE, 'b7ad6b7169203331']);
      expect(BigInt(endTimeUnixNano)).toBeLessThan(opened);
    }
    expect(collector.texts.join()).not.toMatch(/canary|ck_/);
  });

  it.each([
    '',
    'nonsense',
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  ])('begin anew after the traceparent %j', async (traceparent) => {
    const collector = await collect();
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url);
    const { relay, get } = await start({ traces: true });
    await get('/v1/snapshot', { authorization: `Bearer ${KEY}`, traceparent });
    await relay.close();
    const span = collector.spans().find(({ name }) => name === 'GET /v1/snapshot');
    expect(span?.traceId).toMatch(/^(?!0+$|0af7651916cd)[0-9a-f]{32}$/);
    expect(span?.parentSpanId ?? '').toBe('');
  });

  it('hold no relay up when the collector is away', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:9');
    const { relay, get } = await start({ traces: true });
    expect((await get('/v1/snapshot')).status).toBe(200);
    await relay.close();
  });

  it('are told by an endpoint in the environment, and load nothing without one', async () => {
    const program = `
      import { registerHooks } from 'node:module';
      const seen = [];
      registerHooks({ resolve(name, context, next) { if (name.includes('opentelemetry/sdk-trace')) seen.push(name); return next(name, context); } });
      const { createRelay, memorySource } = await import('./src/index.ts');
      const ruleset = { format: 1, environment: 'e', epoch: '0', version: 1, flags: {}, segments: {} };
      const relay = await createRelay({ source: memorySource(ruleset), keys: ['sk_0123456789abcdef'], port: 0, traces: process.argv[1] === 'on' });
      await relay.close();
      console.log(JSON.stringify(seen.length > 0));
    `;
    const run = async (mode: string): Promise<string> => {
      const flags = ['--conditions=@flags/source', '--input-type=module', '-e', program, mode];
      const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: `${import.meta.dirname}/..` });
      return stdout.trim();
    };
    expect(await Promise.all(['off', 'on'].map(run))).toEqual(['false', 'true']);
  }, 30_000);

  it.each([
    [{}, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }, true],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/v1/traces' }, true],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_SDK_DISABLED: 'true' }, false],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318', OTEL_TRACES_EXPORTER: 'none' }, false],
  ])('are wanted with %j: %j', (env, isWanted) => {
    expect(wantsTraces(env)).toBe(isWanted);
  });
});
