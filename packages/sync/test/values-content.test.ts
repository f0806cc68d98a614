import { expect, test } from 'vitest';
import { DEFAULT_POLICY, INITIAL_STATE, statusOf, step, VALUES } from '../src/index.ts';
import type { HeldValues, MachineEvent, MachineState, Message, Position, Values } from '../src/index.ts';
import { reading, say, valuesAt } from './values.ts';

const one = valuesAt(1, { a: reading(1), b: reading(1) });
const at = (version: number, hash: string, epoch = 'e1'): Position => ({ epoch, version, hash });
const { hash } = one.position;

test.each<[string, Position, Position, string]>([
  ['what follows', at(1, hash), at(2, '00000001'), 'apply'],
  ['what the clock changed', at(1, hash), at(1, '00000001'), 'apply'],
  ['what begins with the same values of an earlier version', at(0, hash), at(2, '00000001'), 'apply'],
  ['where it is already', at(0, '00000001'), at(1, hash), 'ignore'],
  ['what is older', at(0, hash), at(0, '00000001'), 'ignore'],
  ['what is of an older epoch', at(7, hash, 'e0'), at(8, '00000001', 'e0'), 'ignore'],
  ['what begins with other values', at(1, '00000002'), at(2, '00000001'), 'gap'],
  ['what begins later', at(2, hash), at(3, '00000001'), 'gap'],
  ['what is of a newer epoch', at(1, hash, 'e2'), at(2, '00000001', 'e2'), 'gap'],
])('%s: %j to %j', (_, from, position, verdict) => {
  expect(VALUES.judge(one, { type: 'VALUES', from, position, values: {} })).toBe(verdict);
  expect(VALUES.judge(undefined, { type: 'VALUES', from, position, values: {} })).toBe('gap');
});

test('a change adds, replaces and takes away, and adds up to the hash of all', () => {
  const values: Values['values'] = { b: null, c: reading(3), a: reading(2) };
  const after = VALUES.apply(one, { type: 'VALUES', from: one.position, position: at(2, ''), values });
  const all = valuesAt(2, { c: reading(3), a: reading(2) });
  expect(after.position).toEqual(all.position);
  expect(new Map(after.values)).toEqual(new Map([...all.values].reverse()));
  expect(one.values.has('b')).toBe(true);
});

test('a reading that stays is the same object; an edit without an effect is no other hash', () => {
  const again = VALUES.whole({ a: reading(1), b: reading(1, { version: 5 }) }, at(5, ''), one) as HeldValues;
  expect(again.values.get('a')).toBe(one.values.get('a'));
  expect(again.values.get('b')).toMatchObject({ version: 5 });
  expect(again.hash).toBe(one.hash);
});

test('`__proto__` is an ordinary key', () => {
  const values = JSON.parse('{"__proto__":{"value":1,"reason":"STATIC"}}') as Values['values'];
  expect([...valuesAt(1, values).values.keys()]).toEqual(['__proto__']);
});

/** A machine that streams values, and what it does about messages. */
function run(...messages: readonly Message[]): MachineState<HeldValues> {
  let state: MachineState<HeldValues> = INITIAL_STATE;
  const put = (event: MachineEvent<HeldValues>): void => {
    ({ state } = step(state, { ...event, at: 0, now: 0, random: 0.5 }, DEFAULT_POLICY, VALUES));
  };
  put({ type: 'start' });
  put({ type: 'response', request: 1, status: 200, contentType: 'text/event-stream' });
  for (const message of messages) put({ type: 'message', request: 1, message });
  return state;
}

const all = say(1, { a: reading(1), b: reading(1) });
const heartbeat = (position: Position): Message => ({ type: 'HEARTBEAT', position, time: 0 });

test('a heartbeat of a higher version with the same hash moves on; one with another asks anew', () => {
  expect(run(all, heartbeat(at(4, hash))).held?.position).toEqual(at(4, hash));
  const other = run(all, heartbeat(at(1, '00000001')));
  expect(other.resync?.position).toEqual(at(1, '00000001'));
  expect(statusOf(other)).toMatchObject({ drift: true });
});

test('values that do not add up are used, and asked for anew', () => {
  const state = run({ ...all, position: at(1, '00000001') });
  expect(state.held?.values.get('a')).toMatchObject({ value: 1 });
  expect(state).toMatchObject({ drift: true, resync: { position: at(1, '00000001') } });
});

test('rules are no values', () => {
  const state = run({ type: 'FULL_SYNC', position: at(1, hash), reason: '', ruleset: {} });
  expect(state.held).toBeUndefined();
  expect(statusOf(state)).toMatchObject({ reason: 'data' });
});
