import { describe, expect, it } from 'vitest';
import { memorySource } from '../src/index.ts';
import type { Samples } from './prometheus.ts';
import { parsePrometheus } from './prometheus.ts';
import { openStream } from './reader.ts';
import { EPOCH, flag, ruleset } from './ruleset.ts';
import type { Started } from './start.ts';
import { CLIENT_KEY, KEY, open, start, until } from './start.ts';

async function scrape({ get }: Started): Promise<Samples> {
  const response = await get('/metrics');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return parsePrometheus(await response.text());
}

describe('metrics', () => {
  it('are all there before anything happens, and zero', async () => {
    const samples = await scrape(await start());
    for (const [name, value] of [
      ['flags_relay_connections{view="server"}', 0],
      ['flags_relay_connections{view="client"}', 0],
      ['flags_relay_queue_depth', 0],
      ['flags_relay_sent_bytes_total{view="server"}', 0],
      ['flags_relay_resumes_total{kind="delta"}', 0],
      ['flags_relay_source_broken', 0],
      ['flags_relay_commits_total', 1],
    ] as const) {
      expect([name, samples.get(name)]).toEqual([name, value]);
    }
    expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(samples.get('process_cpu_seconds_total')).toBeGreaterThan(0);
  });

  it('count open streams, how they resumed, their bytes, commits and fan-outs', async () => {
    const started = await start();
    const { source, stream, relay } = started;
    const first = await stream();
    const { id } = await first.next();
    await first.next();
    const behind = await stream(`/v1/stream?since=${EPOCH}.9.00000000`);
    await behind.next();
    const other = await stream(`/v1/stream?key=${CLIENT_KEY}&since=01aaaaaaaaaaaaaa.1.00000000`, {});
    await other.next();
    await other.next();
    source.apply({ version: 2, flags: { f0: flag('f0', 2, { note: 'changed' }) } });
    await first.change();
    const second = await stream(`/v1/stream?since=${id}`);
    await second.next();
    await second.next();
    await until(() => relay.streams === 4);
    const samples = await scrape(started);
    expect(samples.get('flags_relay_connections{view="server"}')).toBe(3);
    expect(samples.get('flags_relay_connections{view="client"}')).toBe(1);
    expect(samples.get('flags_relay_resumes_total{kind="initial"}')).toBe(1);
    expect(samples.get('flags_relay_resumes_total{kind="epoch"}')).toBe(1);
    expect(samples.get('flags_relay_resumes_total{kind="behind"}')).toBe(1);
    expect(samples.get('flags_relay_resumes_total{kind="delta"}')).toBe(1);
    expect(samples.get('flags_relay_commits_total')).toBe(2);
    // The first ruleset and the change.
    expect(samples.get('flags_relay_fan_out_seconds_count')).toBe(2);
    expect(samples.get('flags_relay_fan_out_seconds_sum')).toBeLessThan(2);

    for (const reader of [first, behind, other, second]) reader.close();
    await until(() => relay.streams === 0);
    const after = await scrape(started);
    expect(after.get('flags_relay_connections{view="server"}')).toBe(0);
    expect(after.get('flags_relay_connections{view="client"}')).toBe(0);
    expect(after.get('flags_relay_resumes_total{kind="initial"}')).toBe(1);
  });

  it('count exactly the bytes that a stream gets', async () => {
    const started = await start();
    const controller = new AbortController();
    const response = await fetch(`${started.relay.url}/v1/stream`, {
      headers: { authorization: `Bearer ${KEY}` },
      signal: controller.signal,
    });
    let received = 0;
    const reading = (async () => {
      for await (const chunk of response.body ?? []) received += chunk.length;
    })().catch(() => {});
    await until(() => received > 0);
    // A heartbeat may be on its way, so the two agree in a moment.
    const counted = async (): Promise<unknown> =>
      (await scrape(started)).get('flags_relay_sent_bytes_total{view="server"}');
    await expect
      .poll(async () => [await counted(), received], { timeout: 4_000 })
      .toSatisfy(([sent, got]: number[]) => sent === got);
    controller.abort();
    await reading;
  });

  it('count what is turned away, by reason and never by what was asked for', async () => {
    const started = await start();
    for (const path of ['/v1/snapshot', '/v1/stream']) await (await started.get(path, {})).text();
    await (await started.get('/v1/snapshot', { authorization: 'Bearer nobody' })).text();
    for (let index = 0; index < 20; index += 1) await (await started.get(`/nothing/${index}`)).text();
    let samples: Samples = new Map();
    for (; (samples.get('flags_relay_rejects_total{reason="NOT_FOUND"}') ?? 0) < 20;) samples = await scrape(started);
    const rejects = [...samples].filter(([name]) => name.startsWith('flags_relay_rejects_total'));
    expect(new Map(rejects)).toEqual(
      new Map([
        ['flags_relay_rejects_total{reason="KEY_MISSING"}', 2],
        ['flags_relay_rejects_total{reason="KEY_UNKNOWN"}', 1],
        ['flags_relay_rejects_total{reason="NOT_FOUND"}', 20],
      ]),
    );
  });

  it('count the flags that are read here, by who asked and what came of it, never by which flag or for whom', async () => {
    const split = flag('split', 1, { client: true, fallthrough: { split: { slices: [['on', 100_000]] } } });
    const source = memorySource(ruleset(1, [flag('a'), flag('b', 1, { client: true }), split]));
    const started = await start({ source });
    const post = async (path: string, body: unknown, key = KEY): Promise<void> => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
      await (await fetch(started.relay.url + path, { method: 'POST', headers, body: JSON.stringify(body) })).text();
    };
    await post('/v1/evaluate', { context: { targetingKey: 'u' }, flags: ['a', 'b', 'nothing', 'nothing'] });
    await post('/v1/evaluate', {});
    await post('/ofrep/v1/evaluate/flags', { context: { targetingKey: 'u' } }, CLIENT_KEY);
    await post('/ofrep/v1/evaluate/flags/a', {}, CLIENT_KEY);
    const reader = await openStream(`${started.relay.url}/v1/client/stream?key=${CLIENT_KEY}`, {}, { context: {} });
    open.push(reader);
    await reader.change();
    source.apply({ version: 2, flags: { b: flag('b', 2, { client: true, enabled: false }) } });
    await reader.change();
    const samples = [...(await scrape(started))].filter(([name]) => name.startsWith('flags_relay_evaluations_total'));
    const of = (route: string, value: number, notFound: number, error: number): [string, number][] =>
      Object.entries({ value, not_found: notFound, error }).map(([result, count]) => [
        `flags_relay_evaluations_total{route="${route}",result="${result}"}`,
        count,
      ]);
    expect(new Map(samples)).toEqual(
      new Map([...of('evaluate', 4, 2, 1), ...of('ofrep', 2, 1, 0), ...of('stream', 2, 0, 1)]),
    );
  });

  it('say that the source is broken, until it is not', async () => {
    const started = await start();
    started.source.replace(ruleset(0, []));
    expect((await scrape(started)).get('flags_relay_source_broken')).toBe(1);
    started.source.apply({ version: 2, flags: { f0: null } });
    expect((await scrape(started)).get('flags_relay_source_broken')).toBe(0);
  });

  it('show an event loop that was held up', async () => {
    const started = await start();
    await scrape(started);
    const pause = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 40));
    await pause();
    const end = performance.now() + 120;
    while (performance.now() < end);
    await pause();
    const max = (await scrape(started)).get('flags_relay_event_loop_lag_seconds{stat="max"}');
    expect(max).toBeGreaterThan(0.08);
    expect(max).toBeLessThan(2);
  });
});

describe('/metrics', () => {
  it('asks for a server key beside the other routes', async () => {
    const { get } = await start();
    expect((await get('/metrics', {})).status).toBe(401);
    expect((await get(`/metrics?key=${CLIENT_KEY}`, {})).status).toBe(403);
    expect((await get(`/metrics?key=${KEY}`, {})).status).toBe(403);
    expect((await get('/metrics')).status).toBe(200);
  });

  it('moves to a listener of its own, which asks for no key', async () => {
    const { get, relay } = await start({ metrics: { port: 0 } });
    expect((await get('/metrics')).status).toBe(404);
    const url = relay.metricsUrl ?? '';
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(url).not.toBe(relay.url);
    const samples = parsePrometheus(await (await fetch(`${url}/metrics`)).text());
    expect(samples.get('flags_relay_commits_total')).toBe(1);
    expect((await fetch(`${url}/v1/snapshot`)).status).toBe(404);
    await relay.close();
    await expect(fetch(`${url}/metrics`)).rejects.toThrow('fetch failed');
  });

  it('can be off', async () => {
    const { get, relay } = await start({ metrics: false });
    expect((await get('/metrics')).status).toBe(404);
    expect(relay.metricsUrl).toBeUndefined();
  });
});
