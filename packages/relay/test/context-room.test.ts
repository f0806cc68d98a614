import type { EvaluationContext } from '@flags/core';
import { describe, expect, it } from 'vitest';
import { createContextRoom } from '../src/context-room.ts';
import { openStream } from './reader.ts';
import { CLIENT_KEY, open, start, until } from './start.ts';

const MIB = 1_048_576;
const ORDINARY = { targetingKey: 'user-1', plan: 'pro', country: 'DE', org: { id: 7, roles: ['admin', 'sales'] } };
const large = (kib: number): EvaluationContext => ({ targetingKey: 'u', text: 'x'.repeat(kib * 512) });

describe('room for contexts', () => {
  it('is there for an ordinary one, however many large ones there are', () => {
    const room = createContextRoom({ maxStreams: 1_000, maxContextBytes: 8 * MIB });
    let count = 0;
    while (room.take(large(60)) !== undefined) count += 1;
    // Half of it, and what each has like all others comes from the other half.
    expect(count).toBeGreaterThanOrEqual(68);
    expect(count).toBeLessThanOrEqual(73);
    for (let left = 1_000; left > 0; left -= 1) expect(room.take(ORDINARY)).toBeTypeOf('function');
    expect(room.take(large(60))).toBeUndefined();
  });

  it('is given back', () => {
    const room = createContextRoom({ maxStreams: 1_000, maxContextBytes: 256 * 1_024 });
    for (let turn = 0; turn < 100; turn += 1) {
      const [first, second] = [room.take(large(60)), room.take(large(60))];
      expect([first, second, room.take(large(60))]).toEqual([expect.any(Function), expect.any(Function), undefined]);
      first?.();
      second?.();
    }
  });

  it.each([
    ['empty objects', { a: Array.from({ length: 900 }, () => ({})) }],
    ['lists in lists', { a: Array.from({ length: 900 }, () => []) }],
    ['names', Object.fromEntries(Array.from({ length: 250 }, (_, index) => [`${'n'.repeat(200)}${index}`, 1]))],
  ])('counts what %s take, and not how long they are as JSON', (_name, context) => {
    const room = createContextRoom({ maxStreams: 1_000, maxContextBytes: 100 * 1_024 });
    expect(room.take(context)).toBeUndefined();
    expect(room.take(ORDINARY)).toBeTypeOf('function');
  });

  it('can be without end', () => {
    for (const limits of [
      { maxStreams: 10, maxContextBytes: Infinity },
      { maxStreams: Infinity, maxContextBytes: Infinity },
    ]) {
      const room = createContextRoom(limits);
      for (let left = 100; left > 0; left -= 1) expect(room.take(large(60))).toBeTypeOf('function');
    }
    const room = createContextRoom({ maxStreams: Infinity, maxContextBytes: 10_000 });
    expect([room.take(ORDINARY), room.take(large(60))]).toEqual([expect.any(Function), undefined]);
  });

  it('is asked for by streams of values, which give it back when they end', async () => {
    const { relay } = await start({ streams: { maxStreams: 100, maxContextBytes: 200 * 1_024 } });
    const url = `${relay.url}/v1/client/stream?key=${CLIENT_KEY}`;
    const join = async (context: object): ReturnType<typeof openStream> => {
      const reader = await openStream(url, {}, { context });
      open.push(reader);
      return reader;
    };
    const first = await join(large(60));
    expect(first.response.status).toBe(200);
    const refused = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ context: large(60) }),
    });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '20']);
    expect(await refused.json()).toMatchObject({ error: { code: 'CONTEXTS_AT_CAPACITY' } });
    expect((await join(ORDINARY)).response.status).toBe(200);
    expect(relay.streams).toBe(2);
    first.close();
    await until(() => relay.streams === 1);
    expect((await join(large(60))).response.status).toBe(200);
  });
});
