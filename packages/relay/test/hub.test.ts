import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Message } from '@flags/sync';
import { parseMessage } from '@flags/sync';
import { describe, expect, it } from 'vitest';
import { createEnvironment } from '../src/environment.ts';
import type { Hub, Outlet } from '../src/hub.ts';
import { createHub } from '../src/hub.ts';
import type { View } from '../src/view.ts';
import { flag, manyFlags, ruleset } from './ruleset.ts';
import { until } from './start.ts';

interface Line extends Outlet {
  unsent: number;
  readonly messages: Message[];
  onWrite: ((message: Message) => void) | undefined;
  isEnded: boolean;
  drain(): void;
  close(): void;
}

/** A connection that keeps what is written to it. */
function line(): Line {
  const messages: Message[] = [];
  let [drained, closed] = [(): void => {}, (): void => {}];
  const self: Line = {
    unsent: 0,
    messages,
    onWrite: undefined,
    isEnded: false,
    write: (bytes) => {
      const [, event = '', data = ''] = /^event: (.*)\n(?:id: .*\n)?data: (.*)\n\n$/.exec(String(bytes)) ?? [];
      const parsed = parseMessage(event, data);
      if (parsed.kind !== 'message') throw new Error(`not a message: ${String(bytes)}`);
      messages.push(parsed.message);
      self.onWrite?.(parsed.message);
    },
    end: () => {
      self.isEnded = true;
    },
    onDrain: (listener) => {
      drained = listener;
    },
    onClose: (listener) => {
      closed = listener;
    },
    drain: () => {
      self.unsent = 0;
      drained();
    },
    close: () => closed(),
  };
  return self;
}

interface Setup {
  readonly hub: Hub;
  readonly view: View;
  /** Changes one flag and publishes it. */
  readonly change: (version: number, key?: string) => void;
  readonly join: () => Line;
}

function setUp(): Setup {
  const environment = createEnvironment();
  environment.replace(ruleset(1, manyFlags(10)));
  const view = environment.view('server');
  if (view === undefined) throw new Error('there is no ruleset');
  const hub = createHub();
  return {
    hub,
    view,
    change: (version, key = 'f0') => {
      environment.apply({ version, flags: { [key]: flag(key, version) } });
      hub.publish();
    },
    join: () => {
      const one = line();
      hub.open(one, view, undefined);
      return one;
    },
  };
}

/** The versions of the changes a connection got, the first full sync among them. */
function versions({ messages }: Line): number[] {
  return messages.flatMap((message) =>
    message.type === 'HEARTBEAT' || message.type === 'GOODBYE' ? [] : [message.position.version],
  );
}

describe('hub', () => {
  it('writes nothing to a connection with too much unsent, and one net change once it drains', async () => {
    const { change, join } = setUp();
    const [slow, fast] = [join(), join()];
    slow.unsent = 64 * 1024 + 1;
    for (const [version, key] of [
      [2, 'f0'],
      [3, 'f1'],
      [4, 'f0'],
    ] as const) {
      change(version, key);
      await until(() => versions(fast).includes(version));
    }
    expect(versions(slow)).toEqual([1]);
    slow.drain();
    expect(versions(slow)).toEqual([1, 4]);
    const last = slow.messages.at(-1);
    expect(last).toMatchObject({ from: { version: 1 }, flags: { f0: { version: 4 }, f1: { version: 3 } } });
    slow.drain();
    expect(versions(slow)).toEqual([1, 4]);
  });

  it('merges commits that come soon after a fan-out', async () => {
    const { change, join } = setUp();
    const one = join();
    for (let version = 2; version <= 100; version += 1) {
      change(version);
      await nextTurn();
    }
    await until(() => versions(one).includes(100));
    expect(versions(one).length).toBeLessThan(50);
  });

  it('brings everyone to the head when a commit comes in the middle of a fan-out', async () => {
    const { change, join } = setUp();
    const lines = Array.from({ length: 1_200 }, join);
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
    const { change, join } = setUp();
    const lines = Array.from({ length: 2_000 }, join);
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
    const { hub, change, join } = setUp();
    const one = join();
    change(2);
    await hub.drain(2_000);
    change(3);
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    expect(one.messages.at(-1)).toMatchObject({ type: 'GOODBYE', windowMs: 2_000 });
    expect(one.isEnded).toBe(true);
    const late = join();
    expect(late.messages).toMatchObject([{ type: 'GOODBYE' }]);
    expect(late.isEnded).toBe(true);
    expect(hub.size).toBe(0);
  });

  it('counts streams until they close', () => {
    const { hub, join } = setUp();
    const [one, two] = [join(), join()];
    expect(hub.size).toBe(2);
    one.close();
    one.close();
    expect(hub.size).toBe(1);
    two.close();
    expect(hub.size).toBe(0);
  });
});
