import { connect } from 'node:net';
import { formatPosition } from '@flags/sync';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../src/index.ts';
import { EPOCH, flag, manyFlags, ruleset, segment } from './ruleset.ts';
import { CLIENT_KEY, KEY, open, start, until } from './start.ts';

describe('GET /v1/stream', () => {
  it('sends everything, then a heartbeat at once that introduces the stream', async () => {
    const { stream, commits } = await start();
    const reader = await stream();
    expect(reader.response.status).toBe(200);
    // `fetch` offers to decompress.
    expect(reader.response.headers.get('content-encoding')).toBeNull();
    expect(Object.fromEntries(reader.response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    const first = await reader.next();
    const position = commits[0]?.position;
    if (position === undefined) throw new Error('nothing was taken over');
    expect(first.id).toBe(formatPosition(position));
    expect(first.message).toMatchObject({
      type: 'FULL_SYNC',
      position,
      reason: 'initial',
      ruleset: { format: 1, environment: 'test', epoch: EPOCH, version: 1, flags: { f0: { key: 'f0' } } },
    });
    const second = await reader.next();
    expect(second.id).toBeUndefined();
    expect(second.message).toMatchObject({
      type: 'HEARTBEAT',
      position,
      stream: expect.any(String),
      intervalMs: 30_000,
    });
  });

  it('pushes a change to every stream, with the position it leads to', async () => {
    const { stream, source, commits } = await start();
    const readers = await Promise.all([stream(), stream(), stream()]);
    for (const reader of readers) await reader.next();
    source.apply({ version: 2, flags: { f0: flag('f0', 2, { enabled: false }), f1: null } });
    for (const reader of readers) {
      const { id, message } = await reader.change();
      expect(message).toMatchObject({
        type: 'FLAG_UPDATE',
        from: commits[0]?.position,
        position: commits[1]?.position,
        flags: { f0: { enabled: false }, f1: null },
      });
      expect(id).toBe(commits[1] && formatPosition(commits[1].position));
    }
    expect(commits[1]?.changed).toEqual({ flags: ['f0', 'f1'], segments: [] });
  });

  it('sends a change of segments alone as SEGMENT_UPDATE', async () => {
    const { stream, source } = await start();
    const reader = await stream();
    await reader.next();
    source.apply({ version: 2, segments: { s: segment('s', 2, { include: ['v'] }) } });
    expect((await reader.change()).message).toMatchObject({
      type: 'SEGMENT_UPDATE',
      segments: { s: { include: ['v'] } },
    });
  });

  it('merges a burst of commits into one message', async () => {
    const { stream, source, commits } = await start();
    const reader = await stream();
    await reader.next();
    for (let version = 2; version <= 50; version += 1) {
      source.apply({ version, flags: { f0: flag('f0', version), f1: flag('f1', version) } });
    }
    const { message } = await reader.change();
    expect(message).toMatchObject({ type: 'FLAG_UPDATE', position: commits.at(-1)?.position });
    expect(message).toMatchObject({ position: { version: 50 }, flags: { f0: { version: 50 } } });
  });

  it('resumes from the position a client comes with, in the header or the query', async () => {
    const { stream, source, commits } = await start();
    const first = commits[0]?.position;
    if (first === undefined) throw new Error('nothing was taken over');
    source.apply({ version: 2, flags: { f3: flag('f3', 2) } });
    const since = formatPosition(first);
    const auth = { authorization: `Bearer ${KEY}` };
    for (const reader of [
      await stream('/v1/stream', { ...auth, 'last-event-id': since }),
      await stream(`/v1/stream?since=${since}`),
      await stream(`/v1/stream?since=nonsense`, { ...auth, 'last-event-id': since }),
    ]) {
      const { message } = await reader.next();
      expect(message).toMatchObject({ type: 'FLAG_UPDATE', from: first, flags: { f3: { version: 2 } } });
    }
  });

  it('sends a client at the head nothing but a heartbeat', async () => {
    const { stream, commits } = await start();
    const position = commits[0]?.position;
    if (position === undefined) throw new Error('nothing was taken over');
    const reader = await stream(`/v1/stream?since=${formatPosition(position)}`);
    expect((await reader.next()).message).toMatchObject({ type: 'HEARTBEAT', position });
  });

  it('sends a client that is ahead only heartbeats, asks the source once, and goes on when it has caught up', async () => {
    let refreshes = 0;
    const memory = memorySource(ruleset(1, manyFlags(10)));
    const source = {
      ...memory,
      refresh: async () => {
        refreshes += 1;
        await until(() => refreshes < 0);
      },
    };
    const { stream } = await start({ source });
    const ahead = `${EPOCH}.2.00000000`;
    const reader = await stream(`/v1/stream?since=${ahead}`);
    await stream(`/v1/stream?since=${ahead}`);
    expect((await reader.next()).message).toMatchObject({ type: 'HEARTBEAT', position: { version: 1 } });
    expect(refreshes).toBe(1);
    memory.apply({ version: 3, flags: { f0: flag('f0', 3) } });
    // The hash it came with is not ours, so it gets everything.
    expect((await reader.change()).message).toMatchObject({ type: 'FULL_SYNC', reason: 'fork' });
    refreshes = -1;
  });

  it('takes a position it cannot read for none', async () => {
    const { stream } = await start();
    const reader = await stream('/v1/stream?since=%00%0d%0a');
    expect((await reader.next()).message).toMatchObject({ type: 'FULL_SYNC', reason: 'initial' });
  });

  it('shows a client key only what is marked for clients, and no change of anything else', async () => {
    const { stream, source } = await start();
    const reader = await stream(`/v1/stream?key=${CLIENT_KEY}`, {});
    const first = await reader.next();
    expect(first.message).toMatchObject({ type: 'FULL_SYNC', ruleset: { flags: { public: { client: true } } } });
    expect(JSON.stringify(first.message)).not.toContain('"f0"');
    source.apply({ version: 2, flags: { f0: flag('f0', 2) } });
    source.apply({ version: 3, flags: { public: null } });
    const { message } = await reader.change();
    expect(JSON.stringify(message)).not.toContain('"f0"');
    expect(message).toMatchObject({ position: { version: 3 } });
  });

  it('keeps the stream alive with heartbeats, and with comments between them', async () => {
    const { stream } = await start({ heartbeatMs: 90 });
    const reader = await stream();
    const times: number[] = [];
    const introductions: boolean[] = [];
    for (let left = 5; left > 0; left -= 1) {
      const { id, message } = await reader.next();
      if (message.type !== 'HEARTBEAT') continue;
      expect(id).toBeUndefined();
      times.push(message.time);
      introductions.push('stream' in message || 'intervalMs' in message || 'ack' in message);
    }
    expect(times).toHaveLength(4);
    expect(introductions).toEqual([true, false, false, false]);
    expect(reader.comments).toBeGreaterThanOrEqual(2);
  });

  it('answers HTTP/1.0, as proxies speak it by default', async () => {
    const { relay } = await start();
    const socket = connect(Number(new URL(relay.url).port), '127.0.0.1');
    open.push({ close: () => socket.destroy() });
    socket.write(`GET /v1/stream HTTP/1.0\r\nAuthorization: Bearer ${KEY}\r\n\r\n`);
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString();
    });
    await until(() => text.includes('event: HEARTBEAT'));
    const [head = '', body = ''] = text.split('\r\n\r\n', 2);
    expect(head.toLowerCase()).not.toContain('transfer-encoding');
    expect(body).toMatch(/^event: FULL_SYNC\nid: .*\ndata: \{.*\}\n\nevent: HEARTBEAT\n/);
  });

  it('opens no stream for a HEAD request', async () => {
    const { relay } = await start();
    const response = await fetch(`${relay.url}/v1/stream`, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${KEY}` },
    });
    expect(response.status).toBe(404);
    expect(relay.streams).toBe(0);
  });

  it('forgets a stream whose client has gone', async () => {
    const { stream, relay } = await start();
    const reader = await stream();
    await reader.next();
    expect(relay.streams).toBe(1);
    reader.close();
    await until(() => relay.streams === 0);
  });

  it('sends a client that has stopped reading one net change once it reads again', async () => {
    const { relay, source } = await start();
    const socket = connect(Number(new URL(relay.url).port), '127.0.0.1');
    open.push({ close: () => socket.destroy() });
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString();
    });
    socket.write(`GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\n\r\n`);
    await until(() => text.includes('event: HEARTBEAT'));
    socket.pause();
    const note = 'x'.repeat(512 * 1024);
    const [big, other] = [flag('big', 2, { note }), flag('other', 2, { note })];
    source.apply({ version: 2, flags: { big, other, third: { ...other, key: 'third' } } });
    const rounds = 40;
    // More than the kernel buffers for a reader that is not there.
    for (let version = 3; version < 3 + rounds; version += 1) {
      source.apply({ version, flags: { big: flag('big', version, { note }) } });
      await new Promise((resolve) => void setTimeout(resolve, 12));
    }
    text = '';
    socket.resume();
    await until(() => text.includes(`"position":"${EPOCH}.${2 + rounds}.`) && text.endsWith('\n\n'));
    expect(text.split('event: FLAG_UPDATE').length - 1).toBeLessThan(rounds - 10);
  });
});
