import type { Clock } from '@flags/sync';
import type { FakeClock, ScriptedRequest } from '@flags/sync/testing';
import { expect } from 'vitest';
import { createOrigin } from '../src/origin.ts';
import { flagOf, rulesetOf } from '../src/rules.ts';
import { faultInFakeTime } from './fake-time.ts';
import { FLAG } from './fault.ts';

const DAY = 86_400_000;

/** A machine's clocks, apart from true time. */
interface OwnClock extends Clock {
  /** Somebody sets the wall clock. */
  set(by: number): void;
  /** The machine sleeps: no timer runs, and the steady clock goes on or not, as the system has it. */
  sleep(ms: number, isSteady: boolean): void;
}

function ownClock(truth: FakeClock): OwnClock {
  let wall = 0;
  let steady = 0;
  return {
    now: () => truth.now() + wall,
    monotonic: () => truth.monotonic() + steady,
    after: truth.after,
    set: (by) => {
      wall += by;
    },
    sleep: (ms, isSteady) => {
      wall += ms;
      if (isSteady) steady += ms;
    },
  };
}

faultInFakeTime('a wall clock that is set', 5_400_000, ({ client, clock, converged }) => {
  for (const by of [2 * DAY, -2 * DAY]) {
    const start = clock.now();
    const at = (ms: number): string => new Date(start + ms).toISOString();
    const opening = {
      ...flagOf(FLAG, 1, false),
      rules: [{ id: 'open', when: { time: { from: at(600_000), until: at(DAY) } }, serve: { variation: 'on' } }],
    };
    const origin = createOrigin(rulesetOf(1, [opening]));
    const own = ownClock(clock);
    const attempts: number[] = [];
    let isDown = false;
    const serve = (request: ScriptedRequest): void => {
      attempts.push(clock.monotonic());
      if (isDown) {
        const date = new Date(clock.now() + 60_000).toUTCString();
        request.respond({ status: 503, retryAfter: date });
        return request.end();
      }
      request.respond();
      request.send(origin.answer(request.request.headers['last-event-id']) ?? origin.fullSync());
      return request.send(origin.heartbeat({ time: clock.now() }));
    };
    const { flags, transport } = client(serve, { clock: own });
    const beat = (times: number): void => {
      for (let left = times; left > 0; left -= 1) {
        clock.advance(30_000);
        transport.last('stream').send(origin.heartbeat({ time: clock.now() }));
      }
    };
    beat(2);
    own.set(by);
    beat(2);
    // The server's clock counts, since everybody sees the same one.
    expect(flags.value(FLAG, true)).toBe(false);
    beat(20);
    expect(flags.value(FLAG, false)).toBe(true);
    // To be set ahead looks like a sleep, and costs one new stream.
    expect(attempts.length).toBeLessThanOrEqual(2);
    expect(flags.status()).toMatchObject({ state: 'live', stale: false });

    // A date is as far off as the clock is: two days are cut to an hour and its jitter, the past does not mean at once for ever.
    isDown = true;
    transport.last('stream').end();
    const before = attempts.length;
    clock.advance(1_200_000);
    expect(attempts.length - before).toBeLessThan(2 * (1_200_000 / 5_000 + 1_200_000 / 30_000));
    isDown = false;
    converged('a stream', () => flags.status().state === 'live');
    void flags.close();
  }
});

faultInFakeTime('a laptop that sleeps', 77_000, ({ client, clock, converged }) => {
  for (const isSteady of [true, false]) {
    for (const mode of ['stream', 'poll'] as const) {
      const origin = createOrigin(rulesetOf(1, [flagOf(FLAG, 1, false)]));
      const own = ownClock(clock);
      const { flags, transport } = client(
        (request) => {
          request.respond();
          request.send(origin.answer(request.request.headers['last-event-id']) ?? origin.fullSync());
          if (mode === 'stream') request.send(origin.heartbeat({ time: own.now() }));
        },
        { clock: own, mode },
      );
      const troubles: unknown[] = [];
      flags.subscribe(() => {
        const { reason } = flags.status();
        if (reason !== undefined) troubles.push(reason);
      });
      clock.advance(5_000);
      const before = transport.requests.length;
      own.sleep(3_600_000, isSteady);
      origin.commit({ [FLAG]: flagOf(FLAG, 2, true) });
      converged('the change', () => flags.value(FLAG, false));
      clock.advance(5_000);
      // To have slept is no failure, and an hour of timers does not come at once.
      expect([isSteady, mode, transport.requests.length - before, troubles]).toEqual([isSteady, mode, 1, []]);
      void flags.close();
    }
  }
});
