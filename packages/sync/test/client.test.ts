import { expect, test } from 'vitest';
import { flagOf, held, rulesetJson } from './rulesets.ts';
import { ann, connect, first, flags, fullSync, setup } from './setup.ts';

test('before there are rules, reads give the default and say why', () => {
  const { client } = setup();
  expect(client.value('a', false)).toBe(false);
  expect(client.details('a', 'x')).toEqual({
    value: 'x',
    variant: undefined,
    variation: undefined,
    reason: 'ERROR',
    ruleId: undefined,
    version: undefined,
    experiment: undefined,
    errorCode: 'PROVIDER_NOT_READY',
    source: undefined,
    stale: true,
  });
  expect(client.all()).toEqual({});
  expect(client.snapshot()).toBeUndefined();
  expect(client.status()).toMatchObject({ state: 'connecting', source: undefined, stale: true });
});

test('with rules, reads are answered from memory', async () => {
  const made = setup();
  const { client } = made;
  const ready = client.ready();
  connect(made);
  expect(await ready).toEqual({ source: 'network' });
  expect(await client.ready()).toEqual({ source: 'network' });
  expect(client.value('a', false)).toBe(true);
  expect(client.value('a', 'text')).toBe('text');
  expect(client.value('missing', 7)).toBe(7);
  expect(client.details('b', false, ann)).toMatchObject({
    value: true,
    variant: 'on',
    ruleId: 'staff',
    version: 1,
    source: 'network',
    stale: false,
  });
  expect(client.all(ann)['c']?.value).toBe(true);
  expect(client.snapshot()?.flags.size).toBe(3);
});

test('the request carries the key and what is wanted, under the url’s own path', () => {
  const { transport } = setup();
  expect(transport.last('stream').request).toEqual({
    url: 'http://relay/base/v1/stream',
    headers: { authorization: 'Bearer sdk-1', accept: 'text/event-stream' },
  });
});

test('polls ask for what changed, and name what is held', () => {
  const made = setup({ mode: 'poll' });
  made.transport.last('snapshot').respond({ contentType: 'application/json' });
  made.transport.last('snapshot').send(fullSync);
  expect(made.client.value('a', false)).toBe(true);
  made.clock.advance(30_000);
  const position = `e1.1.${first.position.hash}`;
  const { request } = made.transport.last('snapshot');
  expect(request.url).toBe(`http://relay/base/v1/snapshot?since=${position}`);
  expect(request.headers['if-none-match']).toBe(`"${position}"`);
  made.transport.last('snapshot').respond({ status: 304 });
  expect(made.client.status()).toMatchObject({ state: 'polling', stale: false });
});

test('a bootstrap is served from the first line on, and replaced by what the server has', () => {
  const made = setup({ bootstrap: rulesetJson(0, [flagOf('a', 0, false)]) });
  expect(made.client.details('a', true)).toMatchObject({ value: false, source: 'bootstrap', stale: true });
  connect(made);
  expect(made.client.details('a', false)).toMatchObject({ value: true, source: 'network', stale: false });
});

test('a bootstrap that is newer than the server stays', () => {
  const made = setup({ bootstrap: { ruleset: rulesetJson(5, [flagOf('a', 5, false)]) } });
  connect(made);
  expect(made.client.value('a', true)).toBe(false);
});

test('a bootstrap whose epoch cannot stand in a position gives way to whatever the server has', () => {
  for (const epoch of ['Ünïque', 'a\r\nx: y', 'Z', '']) {
    const made = setup({ bootstrap: rulesetJson(5, [flagOf('a', 5, false)], [], epoch) });
    expect(made.client.value('a', true)).toBe(false);
    expect(made.transport.last('stream').request.headers['last-event-id']).toMatch(/^-\.0\.[0-9a-f]{8}$/);
    connect(made);
    expect(made.client.value('a', false)).toBe(true);
  }
});

test('an unusable bootstrap is reported and otherwise as good as none', async () => {
  const made = setup({ bootstrap: { format: 99 }, mode: 'offline' });
  expect(made.logged).toEqual(['Option `bootstrap` holds no usable ruleset; starting without it.']);
  expect(await made.client.ready()).toMatchObject({ source: undefined, reason: 'offline' });
  expect(made.transport.requests).toEqual([]);
});

test('readiness is a result, never a rejection: time is up, the key is refused, the client is closed', async () => {
  const slow = setup();
  const waited = slow.client.ready({ timeoutMs: 2_000 });
  slow.clock.advance(2_000);
  expect(await waited).toEqual({ source: undefined, reason: 'timeout', message: 'No rules came in 2000 ms.' });

  const refused = setup();
  const answer = refused.client.ready();
  refused.transport.last('stream').respond({ status: 401 });
  expect(await answer).toMatchObject({ source: undefined, reason: 'auth' });
  expect(refused.logged).toEqual([refused.client.status().message]);

  const closed = setup();
  const end = closed.client.ready();
  await closed.client.close();
  expect(await end).toMatchObject({ reason: 'closed' });
  expect(closed.clock.pending()).toBe(0);
});

test('a logger that throws hurts nobody', () => {
  const logger = {
    info: () => {},
    warn: () => {
      throw new Error('broken');
    },
  };
  const made = setup({ logger });
  made.transport.last('stream').respond({ status: 401 });
  expect(made.client.status().state).toBe('failed');
});

test('a logger that throws later does not end the process', async () => {
  let called = 0;
  const warn = async (): Promise<void> => {
    called += 1;
    await Promise.resolve();
    throw new Error('broken');
  };
  const made = setup({ logger: { info: () => {}, warn } });
  made.transport.last('stream').respond({ status: 401 });
  // Vitest fails when a rejection is left to nobody.
  await made.client.close();
  expect(called).toBe(1);
});

test('a context can be given once', () => {
  const made = setup();
  connect(made);
  const reader = made.client.forContext(ann);
  expect(reader.value('b', false)).toBe(true);
  expect(reader.value('b', false, { targetingKey: 'bob' })).toBe(false);
  expect(reader.details('b', false).ruleId).toBe('staff');
  expect(reader.all()['b']?.value).toBe(true);
});

test('time is the server’s where the clocks differ', () => {
  const made = setup();
  const from = new Date(made.clock.now() + 3_600_000).toISOString();
  const timed = [
    flagOf('t', 1, false, { rules: [{ id: 'later', when: { time: { from } }, serve: { variation: 'on' } }] }),
  ];
  const { position } = held(1, timed);
  connect(made, { type: 'FULL_SYNC', position, reason: '', ruleset: rulesetJson(1, timed) });
  expect(made.client.value('t', false)).toBe(false);
  made.transport.last('stream').send({ type: 'HEARTBEAT', position, time: made.clock.now() + 3_600_000 });
  expect(made.client.value('t', false)).toBe(true);
});

test('a key is fetched before the first request, and again after it was refused', async () => {
  const keys = ['sdk-old', 'sdk-new'];
  const made = setup({ key: async () => keys.shift() ?? '' });
  expect(made.transport.requests).toEqual([]);
  await expect.poll(() => made.transport.requests.length).toBe(1);
  made.transport.last('stream').respond({ status: 401 });
  made.clock.advance(0);
  await expect.poll(() => made.transport.requests.length).toBe(2);
  expect(made.transport.last('stream').request.headers['authorization']).toBe('Bearer sdk-new');
  connect(made);
  expect(made.client.status().state).toBe('live');
});

test('a key function that fails is a problem to be tried again, and its secret stays in it', async () => {
  const made = setup({ key: () => Promise.reject(new Error('secret-token')) });
  await expect.poll(() => made.client.status().state).toBe('waiting');
  expect(made.client.status().message).toContain('the function given as `key` failed');
  expect(made.logged.join()).not.toContain('secret-token');
});

test('a client that was closed while its key was fetched asks for nothing', async () => {
  let give: (key: string) => void = () => {};
  const made = setup({ key: () => new Promise((resolve) => (give = resolve)) });
  await made.client.close();
  give('sdk-late');
  await Promise.resolve();
  await Promise.resolve();
  expect(made.transport.requests).toEqual([]);
});

test('a poll that is too long or unreadable is a problem, and the rules stay', () => {
  const made = setup({ mode: 'poll', bootstrap: rulesetJson(1, flags) });
  made.transport.last('snapshot').respond({ contentType: 'application/json' });
  made.transport.last('snapshot').write('{"event":');
  made.transport.last('snapshot').end();
  expect(made.client.status()).toMatchObject({ reason: 'data', source: 'bootstrap' });
  expect(made.client.value('a', false)).toBe(true);
});

test('`await using` closes the client', async () => {
  const made = setup();
  await made.client[Symbol.asyncDispose]();
  expect(made.client.status().state).toBe('closed');
});
