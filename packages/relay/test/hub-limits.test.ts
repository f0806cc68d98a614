import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { returnWindowMs } from '../src/hub/capacity.ts';
import type { Line } from './line.ts';
import { setUpHub, versions } from './line.ts';

const MIB = 1_048_576;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const heartbeats = ({ messages }: Line): number => messages.filter(({ type }) => type === 'HEARTBEAT').length;
const stuck =
  (bytes: number) =>
  (line: Line): void => {
    line.unsent = bytes;
  };

describe('signs of life', () => {
  it('come to each stream every 15 s, each second one a heartbeat, and to few at a time', async () => {
    const { join } = setUpHub();
    const lines = Array.from({ length: 1_500 }, () => join());
    const total = (): number => lines.reduce((sum, line) => sum + line.comments + heartbeats(line), 0);
    let before = total();
    for (let turn = 0; turn < 150; turn += 1) {
      await pass(100);
      expect(total() - before).toBeLessThanOrEqual(20);
      before = total();
    }
    for (const line of lines) expect(line.comments + heartbeats(line)).toBe(2);
    await pass(15_000);
    for (const line of lines) expect([line.comments, heartbeats(line)]).toEqual([1, 2]);
  });

  it('leave no stream quiet for more than 15 s when heartbeats are rarer', async () => {
    const { join } = setUpHub({ heartbeatMs: 60_000 });
    const line = join();
    for (let quarter = 1; quarter <= 8; quarter += 1) {
      await pass(15_000);
      expect(line.comments + heartbeats(line)).toBe(1 + quarter);
    }
    expect(heartbeats(line)).toBe(3);
  });

  it('stay spread after many have gone', async () => {
    const { join } = setUpHub();
    const lines = Array.from({ length: 600 }, () => join());
    // All who had their turn in the first half of a revolution.
    lines.forEach((line, index) => void (index % 150 < 75 && line.close()));
    const fresh = Array.from({ length: 300 }, () => join());
    const all = [...lines, ...fresh];
    let before = all.reduce((sum, line) => sum + line.comments + heartbeats(line), 0);
    for (let tenth = 0; tenth < 10; tenth += 1) {
      await pass(1_500);
      const now = all.reduce((sum, line) => sum + line.comments + heartbeats(line), 0);
      expect(now - before).toBeGreaterThan(50);
      expect(now - before).toBeLessThan(70);
      before = now;
    }
  });

  it('are caught up with after a pause, but only once', async () => {
    const { join } = setUpHub();
    const line = join();
    vi.setSystemTime(Date.now() + 1);
    await pass(15_000);
    const before = line.comments + heartbeats(line);
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 3_600_000);
    await pass(200);
    expect(line.comments + heartbeats(line) - before).toBe(1);
    vi.restoreAllMocks();
  });
});

describe('slow readers', () => {
  it('are cut when they take nothing for 15 s, and others are left alone', async () => {
    const { hub, join, change } = setUpHub();
    const slow = join('key', stuck(65_537));
    const good = join();
    change(2);
    await pass(14_000);
    expect(slow.closed).toBe('not');
    await pass(2_000);
    expect(slow.closed).toBe('destroyed');
    expect(versions(slow)).toEqual([1]);
    expect([good.closed, versions(good)]).toEqual(['not', [1, 2]]);
    expect(hub.counts.cuts.get('stalled')).toBe(1);
    expect([hub.size, hub.late]).toEqual([1, 0]);
  });

  it('get as much longer as they have more to take', async () => {
    const { join } = setUpHub();
    const slow = join('key', stuck(3 * MIB));
    await pass(44_000);
    expect(slow.closed).toBe('not');
    await pass(2_000);
    expect(slow.closed).toBe('destroyed');
  });

  it('start anew once they have taken everything', async () => {
    const { hub, join, change } = setUpHub();
    const slow = join('key', stuck(65_537));
    await pass(14_000);
    slow.drain();
    slow.unsent = 65_537;
    change(2);
    await pass(14_000);
    expect(slow.closed).toBe('not');
    expect(hub.late).toBe(1);
    slow.drain();
    await pass(60_000);
    expect(slow.closed).toBe('not');
    expect(hub.late).toBe(0);
  });

  it('that were told goodbye are cut, too', async () => {
    const { hub, join } = setUpHub();
    const line = join();
    line.unsent = 10;
    hub.endKey('key');
    expect([line.closed, hub.size]).toEqual(['ended', 0]);
    await pass(16_000);
    expect(line.closed).toBe('destroyed');
  });

  it('are cut when together they hold too much memory, the worst first', async () => {
    const { hub, join } = setUpHub({ maxBacklogBytes: 2 * MIB });
    const [small, large, middle] = [0.9, 1.5, 1].map((size) => join('key', stuck(size * MIB)));
    await pass(1_100);
    expect([small?.closed, large?.closed, middle?.closed]).toEqual(['not', 'destroyed', 'not']);
    expect(hub.counts.cuts.get('memory')).toBe(1);
  });

  it('that wait for the same bytes hold them once', async () => {
    const { hub, join, change } = setUpHub({ maxBacklogBytes: 2 * MIB });
    const lines = Array.from({ length: 50 }, () => join());
    // Half a MiB for everyone, sent in full since there is hardly more.
    for (const line of lines) line.onWrite = ({ type }) => void (type === 'FULL_SYNC' && stuck(MIB / 2 + 300)(line));
    change(2, 'f0', 'x'.repeat(MIB / 2));
    await pass(2_000);
    expect(hub.late).toBe(50);
    expect(lines.filter(({ closed }) => closed !== 'not')).toEqual([]);
  });
});

describe('acknowledgements', () => {
  it('keep a stream open; one that has stopped sending them is cut', async () => {
    const { hub, join } = setUpHub();
    const lines = [join(), join()];
    const [acking, quiet] = lines.map(({ messages }) => {
      const hello = messages.find((message) => message.type === 'HEARTBEAT');
      if (hello?.stream === undefined) throw new Error('there was no first heartbeat');
      return { id: hello.stream, position: hello.position };
    });
    const never = join();
    const ack = (one: typeof acking): void => void (one && hub.ack(one.id, one.position));
    ack(quiet);
    for (let minute = 0; minute < 4; minute += 1) {
      ack(acking);
      await pass(60_000);
    }
    expect(lines.map(({ closed }) => closed)).toEqual(['not', 'destroyed']);
    expect(never.closed).toBe('not');
    expect(hub.counts.cuts.get('silent')).toBe(1);
  });

  it('may be missed twice', async () => {
    const { hub, join } = setUpHub();
    const line = join();
    const hello = line.messages.find((message) => message.type === 'HEARTBEAT');
    if (hello?.stream === undefined) throw new Error('there was no first heartbeat');
    hub.ack(hello.stream, hello.position);
    await pass(185_000);
    expect(line.closed).toBe('not');
  });
});

describe('the life of a stream', () => {
  it('ends between 80 and 100 % of its age, with a goodbye', async () => {
    let chance = 0;
    const { hub, join } = setUpHub({ maxStreamAgeMs: 1_000_000, random: () => chance });
    const young = join();
    chance = 0.999;
    const old = join();
    await pass(790_000);
    expect(young.closed).toBe('not');
    await pass(45_000);
    expect([young.closed, old.closed]).toEqual(['ended', 'not']);
    expect(young.messages.at(-1)).toMatchObject({ type: 'GOODBYE', reason: 'rotate', retry: true });
    await pass(200_000);
    expect(old.closed).toBe('ended');
    expect(hub.counts.goodbyes.get('rotate')).toBe(2);
  });

  it('ends with its key at once, and nothing comes after', async () => {
    const { hub, join, change } = setUpHub();
    const [gone, stays] = [join('a'), join('b')];
    change(2);
    hub.endKey('a');
    await pass(40_000);
    expect(gone.messages.at(-1)).toMatchObject({ type: 'GOODBYE', reason: 'revoked', retry: true, windowMs: 2_000 });
    expect([versions(gone), versions(stays)]).toEqual([[1], [1, 2]]);
    expect(hub.counts.goodbyes.get('revoked')).toBe(1);
  });

  it('ends before the next change, or at its next heartbeat, when its key has expired', async () => {
    let isAllowed = true;
    const { join, change } = setUpHub({ isAllowed: (keyId) => isAllowed || keyId === 'b' });
    const [first, stays] = [join('a'), join('b')];
    isAllowed = false;
    change(2);
    await pass(20);
    expect(first.messages.at(-1)).toMatchObject({ type: 'GOODBYE', reason: 'revoked' });
    expect([versions(first), versions(stays)]).toEqual([[1], [1, 2]]);
    isAllowed = true;
    const second = join('a');
    isAllowed = false;
    await pass(30_000);
    expect(second.messages.at(-1)).toMatchObject({ type: 'GOODBYE', reason: 'revoked' });
    expect(stays.closed).toBe('not');
  });
});

describe('room', () => {
  it('is for so many streams, and who is in stays', () => {
    const { hub, join } = setUpHub({ maxStreams: 2 });
    const [first] = [join('a'), join('b')];
    expect(hub.noRoom({ keyId: 'c', view: 'server' })).toEqual({ limit: 'maxStreams', retryAfterS: 2 });
    first.close();
    expect(hub.noRoom({ keyId: 'c', view: 'server' })).toBeUndefined();
  });

  it('is for so many streams of a key', () => {
    const { hub, join } = setUpHub({ maxStreamsPerKey: 1 });
    const line = join('a');
    expect(hub.noRoom({ keyId: 'a', view: 'server' })).toMatchObject({ limit: 'maxStreamsPerKey' });
    expect(hub.noRoom({ keyId: 'b', view: 'server' })).toBeUndefined();
    line.close();
    expect(hub.noRoom({ keyId: 'a', view: 'server' })).toBeUndefined();
  });

  it('is left to services, whatever client keys take', () => {
    const { hub, join } = setUpHub({ maxStreams: 15 });
    const room = (keyId: string, view: 'server' | 'client', more: { maxStreams?: number } = {}): unknown =>
      hub.noRoom({ keyId, view, ...more })?.limit;
    const pages = Array.from({ length: 10 }, () => join('ck_a', undefined, 'client'));
    expect(room('ck_a', 'client')).toBe('maxStreamsPerKey');
    expect(room('ck_a', 'client', { maxStreams: 11 })).toBeUndefined();
    for (let left = 2; left > 0; left -= 1) join('ck_b', undefined, 'client');
    expect(room('ck_b', 'client')).toBe('serverReserve');
    expect(room('ck_a', 'client', { maxStreams: 99 })).toBe('serverReserve');
    for (let left = 3; left > 0; left -= 1) {
      expect(room('sk', 'server')).toBeUndefined();
      join('sk');
    }
    expect(room('sk', 'server')).toBe('maxStreams');
    pages[0]?.close();
    expect(room('ck_b', 'client')).toBeUndefined();
  });

  it('is given to client keys alone, or kept from them, as the operator says', () => {
    const all = setUpHub({ maxStreams: 15, maxStreamsPerKey: 15, serverReserve: 0 });
    for (let left = 15; left > 0; left -= 1) {
      expect(all.hub.noRoom({ keyId: 'ck', view: 'client' })).toBeUndefined();
      all.join('ck', undefined, 'client');
    }
    expect(all.hub.noRoom({ keyId: 'ck', view: 'client' })).toMatchObject({ limit: 'maxStreams' });
    const none = setUpHub({ maxStreams: 15, serverReserve: 15 });
    expect(none.hub.noRoom({ keyId: 'ck', view: 'client' })).toMatchObject({ limit: 'serverReserve' });
    const unbounded = setUpHub({ maxStreams: Infinity });
    unbounded.join('ck', undefined, 'client');
    expect(unbounded.hub.noRoom({ keyId: 'ck', view: 'client' })).toBeUndefined();
  });

  it('asks more streams to wait for longer', () => {
    const { hub, join } = setUpHub({ maxStreams: 5_000 });
    for (let left = 5_000; left > 0; left -= 1) join();
    expect(hub.noRoom({ keyId: 'a', view: 'server' })).toEqual({ limit: 'maxStreams', retryAfterS: 5 });
    // With the time to write every goodbye this stays below the 25 s that a relay has to end in.
    expect([0, 9_500, 20_000, 1_000_000].map(returnWindowMs)).toEqual([2_000, 9_500, 20_000, 20_000]);
  });
});
