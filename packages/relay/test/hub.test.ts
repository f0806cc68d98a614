import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createLine, setUpHub, versions } from './line.ts';
import { until } from './start.ts';

describe('hub', () => {
  it('writes nothing to a connection with too much unsent, and one net change once it drains', async () => {
    const { change, join } = setUpHub();
    const [slow, fast] = [join(), join()];
    slow.unsent = 64 * 1024 + 1;
    // One more goes out before it shows.
    change(2);
    await until(() => versions(fast).includes(2));
    for (const [version, key] of [
      [3, 'f0'],
      [4, 'f1'],
      [5, 'f0'],
    ] as const) {
      change(version, key);
      await until(() => versions(fast).includes(version));
    }
    expect(versions(slow)).toEqual([1, 2]);
    slow.drain();
    expect(versions(slow)).toEqual([1, 2, 5]);
    const last = slow.messages.at(-1);
    expect(last).toMatchObject({ from: { version: 2 }, flags: { f0: { version: 5 }, f1: { version: 4 } } });
    slow.drain();
    expect(versions(slow)).toEqual([1, 2, 5]);
  });

  it('asks with one object for all that come from the head, and with their own for others', () => {
    const { hub } = setUpHub();
    const position = { epoch: 'e', version: 2, hash: '00000000' };
    const earlier = { ...position, version: 1 };
    const asked: unknown[] = [];
    const answer = (held: unknown): { readonly kind: 'current' } => {
      asked.push(held);
      return { kind: 'current' };
    };
    for (const held of [{ ...position }, earlier]) {
      hub.open(createLine(), { name: 'server', position, answer }, { keyId: 'key', held });
    }
    expect(asked[0]).toBe(position);
    expect(asked[1]).toBe(earlier);
  });

  it('merges commits that come soon after a fan-out', async () => {
    const { change, join } = setUpHub();
    const one = join();
    for (let version = 2; version <= 100; version += 1) {
      change(version);
      await nextTurn();
    }
    await until(() => versions(one).includes(100));
    expect(versions(one).length).toBeLessThan(50);
  });

  it('writes on while no more than 64 KiB are unsent', async () => {
    const { change, join } = setUpHub();
    const one = join();
    one.unsent = 64 * 1024;
    for (const version of [2, 3, 4]) {
      change(version);
      await until(() => versions(one).includes(version));
    }
    expect(versions(one)).toEqual([1, 2, 3, 4]);
  });

  it('brings everyone to the head when a commit comes in the middle of a fan-out', async () => {
    const { change, join } = setUpHub();
    const lines = Array.from({ length: 1_200 }, () => join());
    const [first] = lines;
    if (first === undefined) throw new Error('there is no connection');
    first.onWrite = ({ type }) => {
      if (type !== 'FLAG_UPDATE') return;
      first.onWrite = undefined;
      change(3, 'f1');
    };
    change(2);
    await until(() => lines.every((one) => versions(one).includes(3)));
    expect(versions(first)).toEqual([1, 2, 3]);
    // The others come after the second commit: they get both in one step.
    expect(lines.slice(1).every((one) => versions(one).join() === '1,3')).toBe(true);
  });

  it('lets other work run between the slices of a large fan-out', async () => {
    const { change, join } = setUpHub();
    const lines = Array.from({ length: 2_000 }, () => join());
    change(2);
    const reached = (): number => lines.filter((one) => versions(one).includes(2)).length;
    const seen = new Set<number>();
    while (reached() < lines.length) {
      seen.add(reached());
      await nextTurn();
    }
    expect(seen.size).toBeGreaterThan(2);
  });

  it('writes nothing behind a goodbye', async () => {
    const { hub, change, join } = setUpHub();
    const one = join();
    change(2);
    await hub.drain();
    change(3);
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    expect(one.messages.at(-1)).toMatchObject({ type: 'GOODBYE', windowMs: 2_000 });
    expect(one.closed).toBe('ended');
    const late = join();
    expect(late.messages).toMatchObject([{ type: 'GOODBYE' }]);
    expect(late.closed).toBe('ended');
    expect(hub.size).toBe(0);
  });

  it('counts streams until they close', () => {
    const { hub, join } = setUpHub();
    const [one, two] = [join(), join()];
    expect(hub.size).toBe(2);
    one.close();
    one.close();
    expect(hub.size).toBe(1);
    two.close();
    expect(hub.size).toBe(0);
  });
});
