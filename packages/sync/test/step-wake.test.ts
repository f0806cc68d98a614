import { expect, test } from 'vitest';
import { createRules, DEFAULT_POLICY, INITIAL_STATE, statusOf, step } from '../src/index.ts';
import type { Effect, MachineEvent, MachineState } from '../src/index.ts';
import { only } from './machine.ts';
import { fullSync, heartbeat, one } from './conversation.ts';

/** A machine whose clocks move as the test says. */
function bed(mode: 'stream' | 'poll' = 'stream', random = 0.5): Bed {
  let state: MachineState = INITIAL_STATE;
  let at = 0;
  let now = 1_000_000;
  const put = (event: MachineEvent): readonly Effect[] => {
    const result = step(state, { ...event, at, now, random }, { ...DEFAULT_POLICY, mode }, createRules());
    ({ state } = result);
    return result.effects;
  };
  const move = (steady: number, wall = steady): void => {
    at += steady;
    now += wall;
  };
  const run = (ms: number): void => {
    const until = at + ms;
    while (state.timerAt !== undefined && state.timerAt <= until) {
      move(state.timerAt - at);
      put({ type: 'tick' });
    }
    move(until - at);
  };
  put({ type: 'start' });
  return { put, move, run, state: () => state, at: () => at };
}

interface Bed {
  readonly put: (event: MachineEvent) => readonly Effect[];
  /** Moves both clocks, and fires nothing. */
  readonly move: (steady: number, wall?: number) => void;
  /** Time passes while the timer fires. */
  readonly run: (ms: number) => void;
  readonly state: () => MachineState;
  readonly at: () => number;
}

function live(): Bed {
  const made = bed();
  made.put({ type: 'response', request: 1, status: 200, contentType: 'text/event-stream' });
  made.put({ type: 'message', request: 1, message: fullSync(one) });
  made.put({ type: 'message', request: 1, message: heartbeat() });
  return made;
}

test('a platform that gave the stream up gets another at once, however short its sleep was', () => {
  const made = live();
  made.move(1_000);
  const effects = made.put({ type: 'wake', slept: true });
  expect(only(effects, 'cancel', 'connect').map(({ type }) => type)).toEqual(['cancel', 'connect']);
  expect(made.state()).toMatchObject({ failures: 0 });
  expect(made.state().problem).toBeUndefined();
});

test.each([
  ['a timer that fires an hour late', 3_600_000, 3_600_000],
  ['a wall clock that is an hour ahead of a steady clock that slept along', 15_000, 3_615_000],
])('%s means sleep: one new stream within a second, and no failure', (_, steady, wall) => {
  const made = live();
  made.run(60_000);
  made.move(steady, wall);
  const effects = made.put({ type: 'tick' });
  expect(only(effects, 'cancel', 'connect', 'poll')).toEqual([{ type: 'cancel', request: 1 }]);
  expect(made.state()).toMatchObject({ retryAt: made.at() + 500, failures: 0 });
  expect(made.state().problem).toBeUndefined();
  expect(statusOf(made.state())).toMatchObject({ state: 'waiting', stale: true, reason: undefined });
  made.move(500);
  expect(only(made.put({ type: 'tick' }), 'connect')).toHaveLength(1);
});

test('what fell due while the machine slept is not done in a burst', () => {
  const made = bed();
  for (let failure = 1; failure <= 5; failure += 1) {
    made.put({ type: 'ended', request: made.state().stream?.request ?? 0, problem: 'ECONNREFUSED' });
    made.move(Math.max(0, (made.state().retryAt ?? 0) - made.at()));
    if (failure < 5) made.put({ type: 'tick' });
  }
  expect(made.state().polling).toBe(true);
  expect(made.state().poll).toBeUndefined();
  made.move(3_600_000);
  expect(only(made.put({ type: 'tick' }), 'connect', 'poll')).toEqual([]);
  expect(made.state()).toMatchObject({ retryAt: made.at() + 500, pollAt: made.at() + 500 });
});

test.each([
  [9_000, 'live'],
  [11_000, 'waiting'],
])('a timer that fires %i ms late leaves the client %s', (late, state) => {
  const made = live();
  made.run(59_000);
  made.move(1_000 + late);
  made.put({ type: 'tick' });
  expect(statusOf(made.state()).state).toBe(state);
});

test('where bytes still come, a late timer is a page that is hidden', () => {
  const made = live();
  made.run(59_000);
  made.move(30_000);
  made.put({ type: 'bytes', request: 1 });
  made.move(19_000);
  made.put({ type: 'tick' });
  expect(statusOf(made.state()).state).toBe('live');
});

test('a wall clock that is set back means nothing, and no delay becomes negative', () => {
  const made = live();
  made.run(59_000);
  made.move(1_000, -86_400_000);
  expect(only(made.put({ type: 'tick' }), 'cancel', 'connect')).toEqual([]);
  made.put({ type: 'message', request: 1, message: heartbeat(one.position, { time: 0 }) });
  made.put({ type: 'ended', request: 1 });
  const date = new Date(500_000).toUTCString();
  made.move(500);
  made.put({ type: 'tick' });
  made.put({ type: 'response', request: 2, status: 503, retryAfter: date });
  const wait = (made.state().retryAt ?? 0) - made.at();
  // A date that the clock no longer fits is believed for an hour at most.
  expect(wait > 0 && wait <= DEFAULT_POLICY.retryAfterCap * 1.5).toBe(true);
});

test('waking with a stream that was just heard asks nothing', () => {
  const made = live();
  made.move(19_000);
  expect(only(made.put({ type: 'wake' }), 'cancel', 'connect', 'poll')).toEqual([]);
});

test.each([
  ['that has been silent', 21_000, 21_000],
  ['after a sleep that only the wall clock saw', 1_000, 61_000],
])('waking with a stream %s connects anew at once', (_, steady, wall) => {
  const made = live();
  made.move(steady, wall);
  const effects = only(made.put({ type: 'wake' }), 'cancel', 'connect');
  expect(effects.map(({ type }) => type)).toEqual(['cancel', 'connect']);
  expect(only(made.put({ type: 'wake' }), 'cancel', 'connect')).toEqual([]);
});

test('waking cuts the wait after a lost network short, and no other wait', () => {
  const lost = bed();
  lost.put({ type: 'ended', request: 1, problem: 'ENETUNREACH' });
  expect(only(lost.put({ type: 'wake' }), 'connect')).toHaveLength(1);
  for (const status of [401, 404, 410, 429, 503]) {
    const refused = bed();
    refused.put({ type: 'response', request: 1, status });
    expect(only(refused.put({ type: 'wake' }), 'connect', 'poll')).toEqual([]);
  }
  const parting = live();
  const goodbye = { type: 'GOODBYE', reason: 'drain', windowMs: 10_000, retry: true } as const;
  parting.put({ type: 'message', request: 1, message: goodbye });
  expect(only(parting.put({ type: 'wake' }), 'connect')).toEqual([]);
});

test('waking asks anew in poll mode, once', () => {
  const made = bed('poll');
  made.put({ type: 'message', request: 1, message: fullSync(one) });
  made.move(2_000);
  expect(only(made.put({ type: 'wake' }), 'poll')).toHaveLength(1);
  expect(only(made.put({ type: 'wake' }), 'poll')).toEqual([]);
});

test('waking before the start, offline, or after the end does nothing', () => {
  const stamp = { at: 0, now: 0, random: 0 };
  expect(step(INITIAL_STATE, { type: 'wake', ...stamp }, DEFAULT_POLICY, createRules()).effects).toEqual([]);
  const closed = live();
  closed.put({ type: 'close' });
  closed.move(3_600_000);
  expect(closed.put({ type: 'wake' })).toEqual([]);
});
