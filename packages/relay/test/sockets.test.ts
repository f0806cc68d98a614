import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../src/index.ts';
import type { Source } from '../src/index.ts';
import type { Samples } from './prometheus.ts';
import { parsePrometheus } from './prometheus.ts';
import { flag, ruleset } from './ruleset.ts';
import type { Started } from './start.ts';
import { CLIENT_KEY, KEY, open, start, until } from './start.ts';

/** A connection of its own: what it was sent so far, and whether the relay has ended it. */
interface Raw {
  readonly socket: Socket;
  readonly text: () => string;
  readonly isClosed: () => boolean;
}

function dial({ relay }: Started, request: string): Raw {
  const socket = connect(Number(new URL(relay.url).port), '127.0.0.1');
  open.push({ close: () => socket.destroy() });
  let [text, isClosed] = ['', false];
  socket.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  socket.on('error', () => undefined).on('close', () => (isClosed = true));
  socket.write(request);
  return { socket, text: () => text, isClosed: () => isClosed };
}

const STREAM = `GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\n\r\n`;
const scrape = async ({ get }: Started): Promise<Samples> => parsePrometheus(await (await get('/metrics')).text());

/** Changes a large flag until it shows that the kernel takes no more for a reader that does not read. */
async function fill(started: Started, isFull: () => Promise<boolean> | boolean): Promise<void> {
  for (let version = 2; !(await isFull()); version += 1) {
    const note = `${version}`.padEnd(512 * 1_024, 'x');
    started.source.apply({ version, flags: { f0: flag('f0', version, { note }) } });
    await new Promise((resolve) => void setTimeout(resolve, 12));
  }
}

describe('a reader that does not read', () => {
  it('is cut, and the metrics say so, while others get everything', async () => {
    const started = await start({ streams: { stallMs: 300 } });
    const stalled = dial(started, STREAM);
    await until(() => stalled.text().includes('HEARTBEAT'));
    stalled.socket.pause();
    const good = dial(started, STREAM);
    await until(() => good.text().includes('HEARTBEAT'));
    await fill(started, () => started.relay.streams === 1);
    const samples = await scrape(started);
    expect(samples.get('flags_relay_cuts_total{reason="stalled"}')).toBe(1);
    expect(samples.get('flags_relay_connections{view="server"}')).toBe(1);
    const before = good.text().length;
    started.source.apply({ version: 1_000, flags: { f1: null } });
    await until(() => good.text().slice(before).includes('"f1":null'));
  });

  it('does not keep a relay from closing', async () => {
    const started = await start();
    const stalled = dial(started, STREAM);
    await until(() => stalled.text().includes('HEARTBEAT'));
    stalled.socket.pause();
    await fill(started, async () => (await scrape(started)).get('flags_relay_queue_depth') === 1);
    expect((await scrape(started)).get('flags_relay_unsent_bytes')).toBeGreaterThan(65_536);
    const before = performance.now();
    await started.relay.close();
    const took = performance.now() - before;
    // It has a moment to read its goodbye.
    expect(took).toBeGreaterThan(1_500);
    expect(took).toBeLessThan(4_500);
  });
});

describe('closing', () => {
  it('waits for no connection that is kept for later, nor for one that has never asked', async () => {
    const started = await start();
    const request = `GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`;
    const [kept, silent] = [dial(started, request), dial(started, '')];
    await until(() => kept.text().includes('alive'));
    const before = performance.now();
    await started.relay.close();
    // Node alone would keep the first for a minute, and the second for ten seconds.
    expect(performance.now() - before).toBeLessThan(1_900);
    await until(() => kept.isClosed() && silent.isClosed());
  });

  it('takes little time when everyone reads', async () => {
    const started = await start();
    const readers = Array.from({ length: 200 }, () => dial(started, STREAM));
    await until(() => readers.every(({ text }) => text().includes('HEARTBEAT')));
    await started.relay.close();
    await until(() => readers.every(({ isClosed }) => isClosed()));
    for (const { text } of readers) expect(text()).toMatch(/event: GOODBYE\ndata: .*"drain".*\n\n$/);
  });
});

describe('room for streams', () => {
  it('is refused with the time to come back, and no open stream pays for it', async () => {
    const started = await start({ streams: { maxStreams: 3 } });
    const readers = await Promise.all([started.stream(), started.stream(), started.stream()]);
    for (const reader of readers) await reader.next();
    for (let left = 5; left > 0; left -= 1) {
      const refused = await started.get('/v1/stream');
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
      expect(await refused.json()).toMatchObject({ error: { code: 'AT_CAPACITY' } });
    }
    started.source.apply({ version: 2, flags: { f0: null } });
    for (const reader of readers) expect((await reader.change()).message).toMatchObject({ type: 'FLAG_UPDATE' });
    readers[0]?.close();
    await until(() => started.relay.streams === 2);
    expect((await (await started.stream()).next()).message).toMatchObject({ type: 'FULL_SYNC' });
    const samples = await scrape(started);
    expect(samples.get('flags_relay_max_connections')).toBe(3);
    expect(samples.get('flags_relay_rejects_total{reason="AT_CAPACITY"}')).toBe(5);
    expect(samples.get('flags_relay_cuts_total{reason="memory"}')).toBe(0);
  });

  it('can be bounded for each key', async () => {
    const started = await start({ streams: { maxStreamsPerKey: 1 } });
    await started.stream();
    expect((await started.get('/v1/stream')).status).toBe(429);
    expect((await started.stream(`/v1/stream?key=${CLIENT_KEY}`, {})).response.status).toBe(200);
  });

  it('is left to server keys by all who hold a client key, unless it is said otherwise', async () => {
    const started = await start({ streams: { maxStreams: 5 } });
    const page = `/v1/stream?key=${CLIENT_KEY}`;
    for (let left = 4; left > 0; left -= 1) await started.stream(page, {});
    const refused = await started.get(page, {});
    expect([refused.status, await refused.json()]).toMatchObject([429, { error: { code: 'KEY_AT_CAPACITY' } }]);
    expect((await started.stream()).response.status).toBe(200);
    const keys = [KEY, CLIENT_KEY, { key: 'ck_more', maxStreams: 5 }];
    const other = await start({ keys, streams: { maxStreams: 5, serverReserve: 3 } });
    for (let left = 2; left > 0; left -= 1) await other.stream('/v1/stream?key=ck_more', {});
    const next = await other.get(page, {});
    expect([next.status, next.headers.get('retry-after'), await next.json()]).toMatchObject([
      503,
      '2',
      { error: { code: 'CLIENTS_AT_CAPACITY' } },
    ]);
    expect((await other.stream()).response.status).toBe(200);
  });

  it('is kept for no server key where none is of use', async () => {
    const source: Source = { ...memorySource(ruleset(1, [flag('a', 1, { client: true })])), scope: 'client' };
    const started = await start({ source, keys: [CLIENT_KEY], streams: { maxStreams: 5, maxStreamsPerKey: 5 } });
    for (let left = 5; left > 0; left -= 1) {
      expect((await started.stream(`/v1/stream?key=${CLIENT_KEY}`, {})).response.status).toBe(200);
    }
    expect((await started.get(`/v1/stream?key=${CLIENT_KEY}`, {})).status).toBe(503);
  });

  it('is not found behind another stream on the same connection', async () => {
    const started = await start();
    const twice = dial(started, STREAM + STREAM);
    await until(() => twice.text().includes('HEARTBEAT'));
    expect(started.relay.streams).toBe(1);
    twice.socket.destroy();
    await until(() => started.relay.streams === 0);
  });
});

describe('limits', () => {
  it('are numbers above 0, where nothing is not a limit', async () => {
    for (const maxStreams of [0, Number.NaN]) {
      await expect(start({ streams: { maxStreams } })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    }
    await expect(start({ streams: { serverReserve: -1 } })).rejects.toThrow(/streams\.serverReserve -1 .*from 0 on/);
    await start({ streams: { serverReserve: 0 } });
  });
});
