import { isFlagsError } from '@flags/sync';
import { createFakeClock } from '@flags/sync/testing';
import { expect, test } from 'vitest';
import { createEdgeFlags } from '../src/index.ts';
import { createWorld, settle } from './world.ts';

test.each([
  ['options', undefined],
  ['url', { key: 'k' }],
  ['key', { url: 'https://relay.test' }],
  ['kv', { url: 'https://relay.test', key: 'k', kv: {} }],
  ['globalKv', { url: 'https://relay.test', key: 'k', globalKv: null }],
  ['ttlMs', { url: 'https://relay.test', key: 'k', ttlMs: 10 }],
  ['ttlMs', { url: 'https://relay.test', key: 'k', ttlMs: Number.NaN }],
  ['timeoutMs', { url: 'https://relay.test', key: 'k', timeoutMs: -1 }],
  ['fetch', { url: 'https://relay.test', key: 'k', fetch: 'x' }],
  ['context', { url: 'https://relay.test', key: 'k', context: {} }],
])('the option %s is checked when flags are created', (option, options) => {
  let error: unknown;
  try {
    createEdgeFlags(options as never);
  } catch (thrown) {
    error = thrown;
  }
  expect(isFlagsError(error) && error.code).toBe('INVALID_OPTION');
  expect(String(error)).toContain(option);
});

test('nothing is asked and no timer is set before the first request', async () => {
  const { relay, clock } = createWorld();
  await settle();
  expect(relay.asked).toHaveLength(0);
  expect(clock.pending()).toBe(0);
});

test('reads of all requests are reported together, after the response', async () => {
  const { edge, relay, clock, scope, work } = createWorld();
  for (let request = 0; request < 10; request += 1) {
    const flags = await edge.flags({ targetingKey: 'u' }, scope);
    flags.value('a', '');
    flags.all();
    flags.bootstrap();
    flags.track('bought', { price: 2 });
  }
  // The round that fetched the rules, and one report.
  expect(work).toHaveLength(2);
  clock.advance(5_000);
  await work[1];
  expect(relay.reports).toMatchObject([
    {
      summaries: [{ flag: 'a', count: 10 }],
      tracked: Array.from({ length: 10 }, () => ({ name: 'bought', unit: 'u' })),
    },
  ]);
});

test('a report that died with its request is followed by another', async () => {
  const clock = createFakeClock();
  let isDying = true;
  const after: typeof clock.after = (ms, callback) => (isDying ? () => {} : clock.after(ms, callback));
  const { edge, scope, work, relay } = createWorld({}, undefined, { ...clock, after });
  (await edge.flags({}, { waitUntil: () => {} })).value('a', '');
  isDying = false;
  (await edge.flags({}, scope)).value('a', '');
  expect(work).toHaveLength(0);
  clock.advance(45_000);
  (await edge.flags({}, scope)).value('a', '');
  clock.advance(5_000);
  await Promise.all(work);
  expect(relay.reports).toMatchObject([{ summaries: [{ flag: 'a', count: 3 }] }]);
});

test('a scope that throws, or is none, does not matter', async () => {
  const { edge } = createWorld();
  const broken = {
    waitUntil: () => {
      throw new TypeError('Illegal invocation');
    },
  };
  expect((await edge.flags({}, broken)).value('a', '')).toBe('one');
  expect((await edge.flags({}, {} as never)).value('a', '')).toBe('one');
  expect((await edge.flags({})).value('a', '')).toBe('one');
});

const request = (cookie: string): Request => new Request('https://shop.test/', { headers: { cookie } });

test.each([
  ['flags-id=abcdefgh12', 'abcdefgh12'],
  ['a=b; flags-id=abcdefgh12; c=d', 'abcdefgh12'],
  ['xflags-id=abcdefgh12', undefined],
  ['flags-id=<script>alert(1)', undefined],
  ['flags-id=short', undefined],
  [`flags-id=${'x'.repeat(65)}`, undefined],
  [`flags-id=abcdefgh12; ${'x'.repeat(40_000)}`, undefined],
  [';;;===;flags-id', undefined],
])('the anonymous id of the cookie %s is %s', async (cookie, id) => {
  const { edge } = createWorld();
  const { context } = await edge.flags(request(cookie));
  expect(context).toEqual(id === undefined ? {} : { targetingKey: id, anonymousId: id });
});

test('the context of a request can be told, and may fail', async () => {
  const { isolate } = createWorld();
  const told = isolate({
    context: async (_request, anonymousId) => ({ targetingKey: 'user-1', anonymousId: anonymousId ?? '' }),
  });
  expect((await told.edge.flags(request('flags-id=abcdefgh12'))).context).toEqual({
    targetingKey: 'user-1',
    anonymousId: 'abcdefgh12',
  });
  const failing = isolate({
    context: () => {
      throw new Error('no session');
    },
  });
  const flags = await failing.edge.flags(request(''));
  expect(flags.context).toEqual({});
  expect(flags.value('a', 'default')).toBe('one');
});

test('before anything is known every read says so', async () => {
  const { edge, relay, clock } = createWorld({ timeoutMs: 0 });
  relay.hold = true;
  const pending = edge.flags({});
  await settle();
  clock.advance(0);
  const flags = await pending;
  expect(flags.details('a', 1)).toMatchObject({
    value: 1,
    reason: 'ERROR',
    errorCode: 'PROVIDER_NOT_READY',
    source: undefined,
    stale: true,
  });
  expect(flags.all()).toEqual({});
  expect(flags.bootstrap()).toEqual({ flags: {}, at: clock.now() });
  expect(edge.snapshot()).toBeUndefined();
  relay.go();
});
