import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ScriptedRequest } from '@flags/sync/testing';
import { expect } from 'vitest';
import { createOrigin } from '../src/origin.ts';
import { flagOf, rulesetOf } from '../src/rules.ts';
import { startScriptedServer } from '../src/scripted-server.ts';
import type { FakeClient } from './fake-time.ts';
import { faultInFakeTime, isStream } from './fake-time.ts';
import { fault, FLAG } from './fault.ts';

const HOUR = 3_600_000;
const origin = createOrigin(rulesetOf(1, [flagOf(FLAG, 1, true)]));

/** Answers as a sound server does. */
function serve(request: ScriptedRequest): void {
  request.respond();
  request.send(origin.fullSync());
  if (isStream(request)) request.send(origin.heartbeat());
}

/** When each request of a client was made, on the fake clock. */
function timesOf({ clock }: Pick<FakeClient, 'clock'>, script: (request: ScriptedRequest) => void) {
  const times: { readonly at: number; readonly stream: boolean }[] = [];
  return {
    times,
    script: (request: ScriptedRequest): void => {
      times.push({ at: clock.monotonic(), stream: isStream(request) });
      script(request);
    },
  };
}

const strange: readonly (readonly [what: string, answer: (request: ScriptedRequest) => void])[] = [
  [
    'a login page',
    (request) => {
      request.respond({ contentType: 'text/html' });
      request.write('<html>Sign in</html>');
      request.end();
    },
  ],
  [
    'text',
    (request) => {
      request.respond({ contentType: 'text/plain' });
      request.end();
    },
  ],
  [
    'nothing',
    (request) => {
      request.respond();
      request.end();
    },
  ],
  [
    '204',
    (request) => {
      request.respond({ status: 204 });
      request.end();
    },
  ],
  [
    '205',
    (request) => {
      request.respond({ status: 205 });
      request.end();
    },
  ],
  ['a head and no byte', (request) => request.respond()],
  ['silence', () => {}],
];

faultInFakeTime('an answer that is no stream', 360_000, ({ client, clock, converged }) => {
  for (const [what, answer] of strange) {
    let isMended = false;
    const { times, script } = timesOf({ clock }, (request) => (isMended ? serve : answer)(request));
    const { flags } = client(script, { bootstrap: rulesetOf(0, [flagOf(FLAG, 0, true)]) });
    clock.advance(HOUR);
    expect(flags.status()).toMatchObject({ source: 'bootstrap', stale: true });
    // Polls every 30 s, and the stream beside them as the backoff has it: nothing runs in circles.
    expect([what, times.length > 20 && times.length < 15 * 60 + 150]).toEqual([what, true]);
    isMended = true;
    converged(`a stream after ${what}`, () => flags.status().state === 'live' && !flags.status().stale);
    void flags.close();
  }
});

fault('redirects', 20_000, async (bench) => {
  const target = bench.owns(await startScriptedServer(({ send }) => send(origin.fullSync(), origin.heartbeat())));
  const from = bench.owns(await startScriptedServer(() => {}));
  const elsewhere = (status: number, location?: string): void => {
    from.script(({ respond, end, path, send }) => {
      if (path.startsWith('/moved')) return send(origin.fullSync(), origin.heartbeat());
      respond(status, location === undefined ? {} : { location });
      return end();
    });
  };
  for (const status of [301, 307, 308]) {
    elsewhere(status, '/moved');
    const flags = bench.client(from.url);
    await bench.until(() => flags.status().state === 'live');
    expect(from.exchanges.at(-1)?.headers.authorization).toBeDefined();
    await flags.close();
  }
  elsewhere(307, `${target.url}/v1/stream`);
  await bench.client(from.url).ready();
  expect(target.exchanges[0]?.headers).not.toHaveProperty('authorization');
  for (const [status, location] of [
    [302, '/again'],
    [302, ''],
    [302, undefined],
    [307, 'ftp://127.0.0.1/'],
    [307, 'http://['],
  ] as const) {
    elsewhere(status, location);
    const lost = bench.client(from.url, { bootstrap: rulesetOf(0, [flagOf(FLAG, 0, true)]) });
    const before = from.exchanges.length;
    await bench.until(() => lost.status().reason !== undefined);
    expect(from.exchanges.length - before).toBeLessThanOrEqual(4);
    expect(lost.value(FLAG, false)).toBe(true);
    elsewhere(307, '/moved');
    await bench.converged('a stream after a redirect to nowhere', () => lost.status().state === 'live');
    await lost.close();
  }
});

faultInFakeTime('a key that is refused, then mended', 300_000, async ({ client, clock, converged }) => {
  for (const fetched of [false, true]) {
    let isMended = false;
    const { times, script } = timesOf({ clock }, (request) => {
      if (isMended) return serve(request);
      request.respond({ status: 401 });
      return request.end();
    });
    const { flags } = client(script, {
      bootstrap: rulesetOf(0, [flagOf(FLAG, 0, true)]),
      ...(fetched && { key: () => 'sk_fetched_anew' }),
    });
    for (let passed = 0; passed < HOUR; passed += 10_000) {
      clock.advance(10_000);
      // A key that is fetched comes in a later turn of the program.
      await nextTurn();
    }
    expect(flags.status()).toMatchObject({ state: 'failed', reason: 'auth', source: 'bootstrap' });
    const waits = times.slice(1).map(({ at }, index) => at - (times[index]?.at ?? 0));
    // Once at once, since another key may be at hand.
    if (fetched) expect(waits.shift()).toBeLessThanOrEqual(10_000);
    expect(waits.length).toBeGreaterThanOrEqual(HOUR / 300_000 - 1);
    for (const wait of waits) expect(wait >= 140_000 && wait <= 310_000).toBe(true);
    isMended = true;
    clock.advance(fetched ? 300_000 : 0);
    await nextTurn();
    converged('a stream with the mended key', () => flags.status().state === 'live');
    await flags.close();
  }
});

faultInFakeTime('the same Retry-After for a whole fleet', 120_000, ({ client, clock, converged }) => {
  const fleet = 2_000;
  const retryAfter = 60_000;
  const back: number[] = [];
  const clients = Array.from({ length: fleet }, () => {
    let isTurnedAway = false;
    return client((request) => {
      if (isTurnedAway) {
        back.push(clock.monotonic());
        return serve(request);
      }
      isTurnedAway = true;
      request.respond({ status: 503, retryAfter: String(retryAfter / 1_000) });
      return request.end();
    });
  });
  converged(
    'the whole fleet',
    () => back.length >= fleet && clients.every(({ flags }) => flags.status().state === 'live'),
  );
  const [first, last] = [Math.min(...back), Math.max(...back)];
  expect(first).toBeGreaterThanOrEqual(retryAfter);
  expect(last - first).toBeGreaterThan(0.9 * (retryAfter / 2));
  const buckets = new Map<number, number>();
  for (const at of back) buckets.set(Math.floor(at / 100), (buckets.get(Math.floor(at / 100)) ?? 0) + 1);
  const mean = fleet / (retryAfter / 2 / 100);
  // Three times the mean, and what chance adds when so few fall into each.
  expect(Math.max(...buckets.values())).toBeLessThan(3 * mean + 5);
});

faultInFakeTime('the jitter of many attempts', 10_000, ({ client, clock, converged }) => {
  const attempts = 100_000;
  let isDown = true;
  const { times, script } = timesOf({ clock }, (request) => (isDown ? request.end('ECONNREFUSED') : serve(request)));
  const { flags } = client(script, {
    // The stream's attempts alone.
    policy: { fallbackFailures: Infinity, fallbackAfter: 1e12 },
    bootstrap: rulesetOf(0, [flagOf(FLAG, 0, true)]),
  });
  while (times.length <= attempts) clock.advance(1_000_000);
  const delays = times.slice(1, attempts).map(({ at }, index) => at - (times[index]?.at ?? 0));
  expect(delays.slice(0, 4).every((delay, index) => delay < 1_000 * 2 ** index)).toBe(true);
  // Kolmogorov and Smirnov: how far the draws stray from uniform up to the cap. Capped after the jitter, half would be 10 s.
  const sorted = delays.slice(4).sort((a, b) => a - b);
  const strays = sorted.map((delay, index) => Math.abs(delay / 10_000 - index / sorted.length));
  expect(Math.max(...strays)).toBeLessThan(1.95 / Math.sqrt(sorted.length));
  isDown = false;
  converged('a stream', () => flags.status().state === 'live');
});

faultInFakeTime('a server that flaps', 10_000, ({ client, clock, converged }) => {
  let isFlapping = true;
  const { times, script } = timesOf({ clock }, (request) => {
    serve(request);
    if (isFlapping && isStream(request)) request.end();
  });
  const { flags, transport } = client(script);
  const minutes = 10;
  clock.advance(minutes * 60_000);
  const attempts = times.filter(({ stream }) => stream).length;
  // Every 5 s on average, once the ceiling is reached. A backoff that a mere connection resets would make over a thousand.
  expect(attempts).toBeGreaterThan(60);
  expect(attempts).toBeLessThan(minutes * 60 * (1 / 5) * 1.5);
  isFlapping = false;
  converged('a stream that stays', () => flags.status().state === 'live');
  // One that dies after a minute of health is called again within a second.
  clock.advance(61_000);
  const before = times.length;
  transport.last('stream').end();
  clock.advance(1_000);
  expect(times.slice(before).filter(({ stream }) => stream)).toHaveLength(1);
  expect(flags.status().state).toBe('live');
});
