import { expect, test } from 'vitest';
import { createExposures, createFlagClient, parseEventBatch } from '../src/index.ts';
import type { ClientOptions, EventBatch, FlagClient } from '../src/index.ts';
import { createFakeClock, createScriptedTransport } from '../src/testing/index.ts';
import type { FakeClock, ScriptedRequest, ScriptedTransport } from '../src/testing/index.ts';
import { flagOf, rulesetJson } from './rulesets.ts';

const split = (experiment: string, by?: string): object => ({
  split: { slices: [['on', 100_000]], experiment, ...(by === undefined ? {} : { by }) },
});
const flags = [
  flagOf('a', 1, true),
  flagOf('x', 2, true, { fallthrough: split('exp') as never }),
  flagOf('org', 3, true, { fallthrough: split('by-org', 'org.id') as never }),
];

interface Made {
  readonly client: FlagClient;
  readonly transport: ScriptedTransport;
  readonly clock: FakeClock;
  readonly logged: string[];
  /** Requests to report, and what they said. */
  readonly posts: () => readonly ScriptedRequest[];
  readonly batches: () => readonly EventBatch[];
}

/** @param statuses Answers to the posts, in order; 202 when they are used up, none for 0. */
function make(options: ClientOptions = {}, statuses: number[] = []): Made {
  const transport = createScriptedTransport((request) => {
    if (request.request.body === undefined) return;
    const status = statuses.shift() ?? 202;
    if (status !== 0) request.respond({ status });
  });
  const clock = createFakeClock();
  const logged: string[] = [];
  const logger = { info: () => {}, warn: (text: string) => void logged.push(text) };
  const base = { url: 'http://relay/base', key: 'sdk-1', bootstrap: rulesetJson(3, flags), logger };
  const client = createFlagClient({ ...base, ...options }, { transport, clock, random: () => 0.5, createExposures });
  const posts = (): ScriptedRequest[] => transport.requests.filter(({ request }) => request.body !== undefined);
  const batches = (): EventBatch[] => posts().map(({ request }) => JSON.parse(request.body ?? '') as EventBatch);
  return { client, transport, clock, logged, posts, batches };
}

test('reads are counted by flag, variation, version, reason and error', async () => {
  const { client, batches, posts } = make();
  for (const unit of ['u1', 'u2', 'u1']) client.value('a', false, { targetingKey: unit, email: 'ann@example.com' });
  client.details('a', false);
  client.forContext({}).value('a', false);
  client.value('a', 'text');
  client.value('a', 'text');
  client.value('missing', 1);
  await client.flush();
  expect(batches()).toEqual([
    {
      from: 1_800_000_000_000,
      to: 1_800_000_000_000,
      summaries: [
        { flag: 'a', variation: 'on', version: 1, reason: 'STATIC', count: 5 },
        { flag: 'a', version: 1, reason: 'ERROR', errorCode: 'TYPE_MISMATCH', count: 2 },
        { flag: 'missing', reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND', count: 1 },
      ],
      exposures: [],
      tracked: [],
      dropped: 0,
    },
  ]);
  expect(parseEventBatch(batches()[0])).toEqual(batches()[0]);
  expect(posts()[0]?.request).toMatchObject({
    url: 'http://relay/base/v1/events',
    headers: { authorization: 'Bearer sdk-1', 'content-type': 'application/json' },
  });
});

test('`all()`, `peek()` and a closed client report nothing', async () => {
  const { client, posts, clock } = make();
  client.all({ targetingKey: 'u' });
  const peeked = client.peek('x', false, { targetingKey: 'u' });
  expect(peeked).toMatchObject({ value: true, experiment: 'exp', source: 'bootstrap', stale: true });
  await client.flush();
  await client.close();
  expect(client.value('a', false)).toBe(true);
  client.track('late');
  await client.flush();
  expect(posts()).toEqual([]);
  expect(clock.pending()).toBe(0);
});

test('a unit of an experiment is reported once for each flag and variation, by the attribute the split buckets by', async () => {
  const { client, batches } = make();
  const context = { targetingKey: 'u1', org: { id: 7 }, secret: 'private' };
  for (let round = 0; round < 3; round += 1) {
    client.value('x', false, context);
    client.value('org', false, context);
    client.value('x', false, { targetingKey: 'u2' });
    // Known units stay known over batches.
    await client.flush();
  }
  const at = 1_800_000_000_000;
  expect(batches().map(({ exposures }) => exposures)).toEqual([
    [
      { flag: 'x', variation: 'on', version: 2, experiment: 'exp', unit: 'u1', at },
      { flag: 'org', variation: 'on', version: 3, experiment: 'by-org', unit: '7', at },
      { flag: 'x', variation: 'on', version: 2, experiment: 'exp', unit: 'u2', at },
    ],
    [],
    [],
  ]);
  expect(batches()[2]?.summaries.map(({ count }) => count)).toEqual([2, 1]);
  expect(JSON.stringify(batches())).not.toContain('private');
});

test('what happened is reported with its targeting key, and checked', async () => {
  const { client, batches, logged } = make();
  client.track('bought', { targetingKey: 'u1', email: 'ann@example.com' }, { amount: 2, first: true });
  client.track('seen');
  client.track('', {});
  client.track('deep', {}, { nested: {} } as never);
  client.track('huge', {}, { text: 'x'.repeat(257) });
  await client.flush();
  const at = 1_800_000_000_000;
  expect(batches()[0]).toMatchObject({
    tracked: [
      { name: 'bought', unit: 'u1', data: { amount: 2, first: true }, at },
      { name: 'seen', at },
    ],
    dropped: 3,
  });
  expect(logged).toHaveLength(3);
  expect(JSON.stringify(batches())).not.toContain('ann@');
});

test('with `counts` no unit leaves', async () => {
  const { client, batches } = make({ exposures: 'counts' });
  client.value('x', false, { targetingKey: 'unit-1' });
  client.track('bought', { targetingKey: 'unit-1' });
  await client.flush();
  expect(batches()[0]).toMatchObject({
    summaries: [{ flag: 'x', count: 1 }],
    exposures: [],
    tracked: [{ name: 'bought' }],
  });
  expect(JSON.stringify(batches())).not.toContain('unit-1');
});

test('what is private never leaves, in no request: reads are counted, units are not told', async () => {
  const canary = 'canary-4711';
  const context = { targetingKey: canary, org: { id: canary, seats: 3 }, email: canary, team: 'blue' };
  const by = [undefined, 'org.id', 'email', 'team'];
  const split4 = by.map((path, at) => flagOf(`f${at}`, 1, true, { fallthrough: split(`e${at}`, path) as never }));
  const bootstrap = rulesetJson(1, split4);
  const read = async (privateAttributes: readonly string[]): Promise<Made> => {
    const made = make({ bootstrap, privateAttributes });
    for (const at of by.keys()) made.client.value(`f${at}`, false, context);
    made.client.track('bought', context);
    await made.client.close();
    expect(made.batches()[0]?.summaries.map(({ count }) => count)).toEqual([1, 1, 1, 1]);
    return made;
  };
  const hidden = await read(['targetingKey', 'org', 'email']);
  expect(hidden.batches()[0]).toMatchObject({
    exposures: [{ flag: 'f3', unit: 'blue' }],
    tracked: [{ name: 'bought' }],
  });
  expect(JSON.stringify(hidden.transport.requests.map(({ request }) => request))).not.toContain(canary);
  // Neighbours of a private attribute are not private, and nothing is without the option.
  const shown = await read(['org.i', 'mail', 'org.id.more']);
  expect(shown.batches()[0]?.exposures.map(({ unit }) => unit)).toEqual([canary, canary, canary, 'blue']);
});

test.each<ClientOptions>([{ exposures: false }, { mode: 'offline' }])(
  'nothing is reported with %j',
  async (options) => {
    const { client, posts } = make(options);
    client.value('a', false);
    client.track('bought');
    await client.close();
    expect(posts()).toEqual([]);
  },
);

test('a bad `exposures` is refused at once', () => {
  expect(() => make({ exposures: 'all' as never })).toThrow(expect.objectContaining({ subject: 'exposures' }));
});

test('a batch goes within a minute, or as soon as it is full; what finds no room is counted', async () => {
  const { client, clock, posts, batches } = make({}, [0]);
  client.value('a', false);
  clock.advance(44_999);
  expect(posts()).toHaveLength(0);
  clock.advance(1);
  await expect.poll(() => posts().length).toBe(1);
  // This one gets no answer, so the next have to wait, and to fit.
  for (let at = 0; at < 1_010; at += 1) client.value(`missing-${at}`, false);
  for (let at = 0; at < 510; at += 1) client.value('x', false, { targetingKey: `u${at}` });
  for (let at = 0; at < 110; at += 1) client.track('t');
  expect(posts()).toHaveLength(1);
  posts()[0]?.respond({ status: 202 });
  await client.flush();
  expect(batches()[1]?.summaries).toHaveLength(1_000);
  expect(batches()[1]?.tracked).toHaveLength(100);
  // Ten flags and the reads of `x` found no room, and ten events.
  expect(batches()[1]?.dropped).toBe(10 + 510 + 10);
  for (let at = 0; at < 500; at += 1) client.value('x', false, { targetingKey: `u${at}` });
  await expect.poll(() => posts().length).toBe(3);
  expect(batches()[2]?.exposures).toHaveLength(500);
});

test('what could not be delivered is tried once more, then reported once and counted as dropped', async () => {
  const { client, batches, logged } = make({}, [503, 503, 500, 500, 202]);
  client.value('a', false);
  client.value('a', false);
  await client.flush();
  client.value('a', false);
  await client.flush();
  expect(logged).toEqual(['Exposures could not be delivered (status 503); they are dropped. Flags are not affected.']);
  client.value('a', false);
  await client.flush();
  expect(batches()).toHaveLength(5);
  expect(batches()[1]).toEqual(batches()[0]);
  expect(batches()[4]).toMatchObject({ summaries: [{ count: 1 }], dropped: 3 });
});

test('in the background the second try waits 1 to 5 s, or as long as the server asks for', async () => {
  const { client, clock, posts } = make({}, [0, 0]);
  client.value('a', false);
  clock.advance(45_000);
  await expect.poll(() => posts().length).toBe(1);
  posts()[0]?.respond({ status: 429, retryAfter: '20' });
  await expect.poll(() => clock.pending()).toBeGreaterThan(1);
  clock.advance(21_999);
  expect(posts()).toHaveLength(1);
  clock.advance(1);
  await expect.poll(() => posts().length).toBe(2);
  // No answer at all.
  clock.advance(5_000);
  await client.close();
  expect(posts()).toHaveLength(2);
  expect(posts()[1]?.closed()).toBe(true);
});

test.each([400, 404, 413])('a batch that is refused with %i is not tried again', async (status) => {
  const { client, posts, logged } = make({}, [status]);
  client.value('a', false);
  await client.flush();
  expect(posts()).toHaveLength(1);
  expect(logged).toHaveLength(1);
});

test('a key that was refused is asked for anew', async () => {
  const keys = ['sdk-old', 'sdk-new'];
  const { client, posts } = make({ key: () => keys.shift() ?? '', mode: 'poll' }, [401]);
  await Promise.resolve();
  client.value('a', false);
  await client.flush();
  expect(posts().map(({ request }) => request.headers['authorization'])).toEqual(['Bearer sdk-old', 'Bearer sdk-new']);
});

test('whatever is passed, a read does not throw', async () => {
  const { client, batches } = make();
  const trap = {
    get targetingKey(): string {
      throw new Error('trap');
    },
  };
  expect(client.value('x', false, trap)).toBe(false);
  expect(client.value(Symbol('key') as never, 7 as never)).toBe(7);
  expect(client.value('a', 7 as never, null as never)).toBe(7);
  client.track('t', trap);
  client.track('t', null as never);
  await client.flush();
  expect(batches()[0]?.dropped).toBeGreaterThan(0);
});

test('a thousand different answers go at once', async () => {
  const { client, posts, batches } = make();
  for (let at = 0; at < 1_000; at += 1) client.value(`missing-${at}`, false);
  await expect.poll(() => posts().length).toBe(1);
  expect(batches()[0]?.summaries).toHaveLength(1_000);
});

test('after ten thousand units, they are forgotten and reported anew', async () => {
  const { client, batches } = make();
  const first = { targetingKey: 'u0' };
  for (let at = 0; at < 10_001; at += 1) {
    client.value('x', false, { targetingKey: `u${at}` });
    client.value('x', false, first);
    if (at % 400 === 0) await client.flush();
  }
  await client.flush();
  const units = batches().flatMap(({ exposures }) => exposures.map(({ unit }) => unit));
  expect(units).toHaveLength(10_002);
  expect(units.filter((unit) => unit === 'u0')).toHaveLength(2);
});
