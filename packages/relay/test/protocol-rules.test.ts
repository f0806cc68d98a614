import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileRuleset } from '@flags/core';
import { createFlagClient, formatPosition, holdRuleset, holdValues, VALUES } from '@flags/sync';
import type { FlagClient, Message, Position } from '@flags/sync';
import { createFakeClock, createScriptedTransport } from '@flags/sync/testing';
import type { FakeClock, ScriptedTransport } from '@flags/sync/testing';
import { expect, test } from 'vitest';
import { flag, ruleset } from './ruleset.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/protocol.md'), 'utf8');
const [, table = ''] = /^\| what comes .*\n.*\n((?:\|.*\n)+)/m.exec(PAGE) ?? [];
const rows = table
  .trimEnd()
  .split('\n')
  .map((row) =>
    row
      .slice(2, -2)
      .split(' | ')
      .map((cell) => cell.trim()),
  );

const other = (position: Position, more: Partial<Position>): Position => ({ ...position, ...more });
const WRONG = 'ffffffff';
const [first, second] = [ruleset(1, [flag('a', 1)]), ruleset(2, [flag('a', 2)])];
const positionOf = (json: typeof first): Position => holdRuleset(compileRuleset(json)).position;
const [one, two] = [positionOf(first), positionOf(second)];
const later = other(two, { version: 3 });
const old = other(one, { version: 0 });
const fullSync = (json: typeof first, position = positionOf(json)): Message => ({
  type: 'FULL_SYNC',
  position,
  reason: 'initial',
  ruleset: { ...json },
});
const change = (from: Position, position: Position): Message => ({
  type: 'FLAG_UPDATE',
  from,
  position,
  flags: second.flags,
});
const delta = change(one, two);

interface Live {
  readonly client: FlagClient;
  readonly transport: ScriptedTransport;
  readonly clock: FakeClock;
}

/** A client that is live at `one`. */
function live(random = 0.5): Live {
  const [transport, clock] = [createScriptedTransport(), createFakeClock()];
  const client = createFlagClient({ url: 'http://relay', key: 'k' }, { transport, clock, random: () => random });
  transport.last('stream').respond();
  transport.last('stream').send(fullSync(first));
  return { client, transport, clock };
}

const heartbeat = (position: Position): Message => ({ type: 'HEARTBEAT', position, time: createFakeClock().now() });

/** What such a client does within a heartbeat: where it is, whether it drifted, and where it came back from, if it did. */
function follow(...messages: readonly Message[]): readonly [at: unknown, drift: boolean, resumedFrom: unknown] {
  const { client, transport, clock } = live();
  const stream = transport.last('stream');
  for (const message of messages) stream.send(message);
  const { position, drift } = client.status();
  clock.advance(30_000);
  const next = transport.last('stream');
  const resumedFrom = next === stream ? undefined : next.request.headers['last-event-id'];
  void client.close();
  return [position, drift, resumedFrom];
}

const [atOne, atTwo] = [formatPosition(one), formatPosition(two)];
const CASES: Readonly<Record<string, readonly [says: string, check: () => void]>> = {
  'anything below what is held, or a delta that is not above it': [
    'nothing',
    () => {
      for (const message of [fullSync(first, old), heartbeat(old), change(old, one), change(old, old)]) {
        expect(follow(message)).toEqual([atOne, false, undefined]);
      }
    },
  ],
  'any other full sync': [
    'replaces everything, even if the hash disagrees: that is drift',
    () => {
      expect(follow(fullSync(second))).toEqual([atTwo, false, undefined]);
      expect(follow(fullSync(second, other(two, { hash: WRONG })))).toEqual([atTwo, true, atTwo]);
    },
  ],
  'a delta of another epoch; or with `from` at or above the held version and another hash than the held one': [
    'resyncs',
    () => {
      const next = { epoch: 'e2' };
      expect(follow(change(other(one, next), other(two, next)))).toEqual([atOne, false, atOne]);
      expect(follow(change(other(one, { hash: WRONG }), two))).toEqual([atOne, false, atOne]);
      expect(follow(change(two, later))).toEqual([atOne, false, atOne]);
    },
  ],
  'any other delta': [
    "overwrites and deletes, comparing no versions of entries; another hash than the delta's is drift",
    () => {
      expect(follow(delta)).toEqual([atTwo, false, undefined]);
      expect(follow(change(old, two))).toEqual([atTwo, false, undefined]);
      expect(follow(change(one, other(two, { hash: WRONG })))).toEqual([atTwo, true, atTwo]);
    },
  ],
  'values with `from`': [
    'applies them if epoch and hash of `from` are those held; else resyncs',
    () => {
      const held = holdValues({ a: { value: 1, reason: 'STATIC' } }, { epoch: 'e1', version: 1 });
      const judge = (from: Partial<Position>): string =>
        VALUES.judge(held, {
          type: 'VALUES',
          from: other(held.position, from),
          position: other(held.position, { version: 2, epoch: from.epoch ?? 'e1' }),
          values: {},
        });
      expect([judge({}), judge({ hash: WRONG }), judge({ epoch: 'e2' })]).toEqual(['apply', 'gap', 'gap']);
    },
  ],
  'a heartbeat at the held version, with another hash': [
    'resyncs: drift, or a fork',
    () => expect(follow(heartbeat(other(one, { hash: WRONG })))).toEqual([atOne, true, atOne]),
  ],
  'one above, with the held epoch and hash': [
    'takes its position over; nothing is fetched',
    () => {
      const moved = other(one, { version: 7 });
      expect(follow(heartbeat(moved))).toEqual([formatPosition(moved), false, undefined]);
    },
  ],
  'one above, with another hash': [
    'waits `aheadGrace` for the delta, then resyncs',
    () => {
      expect(follow(heartbeat(two))).toEqual([atOne, false, atOne]);
      expect(follow(heartbeat(two), delta)).toEqual([atTwo, false, undefined]);
    },
  ],
  '`GOODBYE`': [
    'comes back after a draw from 0 to `windowMs`; no failure after `healthyAfter`. `retry: false` is as 410',
    () => {
      const goodbye = { type: 'GOODBYE', reason: 'drain', windowMs: 12_000, retry: true } as const;
      const after = (ms: number, retry = true): readonly [reason: unknown, before: number, then: number] => {
        const { client, transport, clock } = live(1);
        clock.advance(ms);
        transport.last('stream').send({ ...goodbye, retry });
        const { reason } = client.status();
        clock.advance(11_999);
        const before = transport.requests.length;
        clock.advance(1);
        return [reason, before, transport.requests.length];
      };
      expect(after(0)).toEqual([undefined, 1, 2]);
      expect(after(0, false)).toEqual(['gone', 1, 1]);
    },
  ],
};

test('docs/protocol.md has a row for each of these, and no other', () => {
  expect(rows.map(([what]) => what)).toEqual(Object.keys(CASES));
});

test.each(rows)('%s: a client does what docs/protocol.md says', (what = '', does = '') => {
  const [says = '', check] = CASES[what] ?? [];
  expect(does.slice(0, says.length)).toBe(says);
  check?.();
});
