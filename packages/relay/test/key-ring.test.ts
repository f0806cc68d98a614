import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KnownKey } from '../src/keys/relay-key.ts';
import { createKeyRing } from '../src/keys/key-ring.ts';

const DAY = 86_400_000;

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

const key = (keyId: string, until = Infinity, kind: KnownKey['kind'] = 'server'): KnownKey => ({
  keyId,
  hash: `hash of ${keyId}`,
  kind,
  from: -Infinity,
  until,
});

describe('a ring of keys', () => {
  it('tells each end once, at its moment, however far away it is', async () => {
    const ends: string[] = [];
    const told = ({ keyId }: KnownKey, end: string): void => void ends.push(`${Date.now()} ${keyId} ${end}`);
    const ring = createKeyRing([key('soon', 500), key('late', 60 * DAY), key('before', -1), key('never')], {
      origins: [],
      onEnded: told,
    });
    expect(ends).toEqual(['0 before expired']);
    await vi.advanceTimersByTimeAsync(499);
    expect([ring.isAllowed('soon', Date.now()), ends.length]).toEqual([true, 1]);
    await vi.advanceTimersByTimeAsync(1);
    expect([ring.isAllowed('soon', Date.now()), ends.at(-1)]).toEqual([false, '500 soon expired']);
    // Longer than a timer can wait.
    await vi.advanceTimersByTimeAsync(60 * DAY);
    expect(ends.slice(2)).toEqual([`${60 * DAY} late expired`]);
    ring.replace([key('never', Infinity, 'client'), key('soon', 500)]);
    // Those that had expired have ended before.
    expect(ends.slice(3)).toEqual([`${60 * DAY + 500} never revoked`]);
    ring.close();
  });

  it('takes a new end of a key in place of the old one', async () => {
    const ends: string[] = [];
    const ring = createKeyRing([key('a', 500)], { origins: [], onEnded: (_, end) => void ends.push(end) });
    ring.replace([key('a', 1_500)]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([ring.isAllowed('a', Date.now()), ends]).toEqual([true, []]);
    ring.replace([key('a', 900)]);
    expect(ends).toEqual(['expired']);
    ring.replace([key('a', 3_000)]);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(ends).toEqual(['expired', 'expired']);
    ring.close();
  });

  it('waits for nothing once it is closed', async () => {
    const ends: string[] = [];
    const ring = createKeyRing([key('a', 500)], { origins: [], onEnded: (_, end) => void ends.push(end) });
    ring.close();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ends).toEqual([]);
  });
});
