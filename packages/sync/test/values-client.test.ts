import { expect, test } from 'vitest';
import { fingerprintOf, isFlagsError } from '../src/index.ts';
import type { ValuesClientOptions } from '../src/index.ts';
import { answer, reading, say, setupValues, valuesAt } from './values.ts';
import type { ValuesSetup } from './values.ts';

const bob = { targetingKey: 'bob' };

function bodyOf({ transport }: ValuesSetup): unknown {
  return JSON.parse(transport.last('stream').request.body ?? '');
}

test('the context goes into the body, and values come back', async () => {
  const made = setupValues();
  const { request } = made.transport.last('stream');
  expect(request.url).toBe('http://relay/base/v1/client/stream');
  expect(request.headers).toEqual({
    authorization: 'Bearer ck',
    accept: 'text/event-stream',
    'content-type': 'application/json',
  });
  expect(bodyOf(made)).toEqual({ context: { targetingKey: 'ann' } });
  const ready = made.client.ready();
  answer(made, 1, { a: reading('one'), n: reading(7) });
  expect(await ready).toEqual({ source: 'network' });
  expect(made.client.value('a', 'default')).toBe('one');
  expect(made.client.details('a', 'default')).toEqual({
    value: 'one',
    variant: 'v',
    variation: 0,
    reason: 'STATIC',
    version: 1,
    ruleId: undefined,
    experiment: undefined,
    errorCode: undefined,
    source: 'network',
    stale: false,
  });
  expect(made.client.peek('a', 'default')).toEqual(made.client.details('a', 'default'));
  expect(made.client.all()).toMatchObject({ a: { value: 'one', errorCode: undefined }, n: { value: 7 } });
  expect(made.client.snapshot()).toBeUndefined();
  await made.client.close();
  expect(made.transport.last('stream').closed()).toBe(true);
});

test('a read without an answer gives the default, and says why', () => {
  const made = setupValues();
  expect(made.client.details('a', 1)).toMatchObject({ value: 1, reason: 'ERROR', errorCode: 'PROVIDER_NOT_READY' });
  const broken = { value: null, reason: 'ERROR', errorCode: 'PARSE_ERROR' };
  answer(made, 1, { a: reading('one'), broken, none: reading(null) });
  expect(made.client.details('a', 1)).toMatchObject({ value: 1, reason: 'ERROR', errorCode: 'TYPE_MISMATCH' });
  expect(made.client.details('b', 1)).toMatchObject({ value: 1, reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND' });
  expect(made.client.details('broken', 1)).toMatchObject({ value: 1, reason: 'ERROR', errorCode: 'PARSE_ERROR' });
  expect(made.client.value('none', 'x')).toBe('x');
  expect(made.client.value('a', null)).toBe('one');
  expect(made.client.value('constructor', 'x')).toBe('x');
});

test('what changes is told to those who asked for it', () => {
  const made = setupValues();
  const heard: unknown[] = [];
  made.client.subscribe('a', () => heard.push(made.client.value('a', '')));
  made.client.subscribe('b', () => heard.push('b'));
  made.client.subscribe(({ type }) => heard.push(type));
  const first = { a: reading('one'), b: reading(true) };
  answer(made, 1, first);
  expect(heard.splice(0)).toEqual(['one', 'b', 'change', 'status']);
  const from = valuesAt(1, first).position;
  const stream = made.transport.last('stream');
  stream.send({ ...say(2, { ...first, a: reading('two', { version: 2 }) }), from, values: { a: reading('two') } });
  expect(heard.splice(0)).toEqual(['two', 'change']);
  // The same again, as after a reconnect.
  stream.send(say(3, { a: reading('two'), b: reading(true) }));
  expect(heard).toEqual([]);
  expect(made.client.status()).toMatchObject({ drift: false, stale: false, state: 'live' });
});

test('values cannot be changed by those who read them', () => {
  const made = setupValues();
  answer(made, 1, { a: reading({ list: [1] }) });
  const value = made.client.value('a', {}) as { list: number[] };
  expect(() => value.list.push(2)).toThrow(TypeError);
});

test('another context drops the values of the last one at once, and what still comes for it', async () => {
  const made = setupValues();
  answer(made, 1, { a: reading('for ann') });
  const old = made.transport.last('stream');
  const heard: unknown[] = [];
  made.client.subscribe('a', () => heard.push(made.client.value('a', 'default')));
  const set = made.client.setContext(bob);
  expect(made.client.context()).toEqual(bob);
  expect(heard).toEqual(['default']);
  expect(made.client.details('a', 'default')).toMatchObject({ errorCode: 'PROVIDER_NOT_READY', stale: true });
  expect(made.client.details('a', 'default').source).toBeUndefined();
  expect(made.client.all()).toEqual({});
  expect(old.closed()).toBe(true);
  expect(bodyOf(made)).toEqual({ context: bob });
  expect(made.transport.last('stream').request.headers).not.toHaveProperty('last-event-id');
  answer(made, 1, { a: reading('for bob') });
  expect(await set).toEqual({ source: 'network' });
  expect(heard).toEqual(['default', 'for bob']);
});

test('a context that says the same, or cannot be said, changes nothing', async () => {
  const made = setupValues({ context: { targetingKey: 'ann', plan: 'pro' } });
  answer(made, 1, { a: reading('for ann') });
  await made.client.setContext({ plan: 'pro', targetingKey: 'ann' });
  const endless: Record<string, unknown> = {};
  endless['self'] = endless;
  await expect(made.client.setContext('bob' as never)).rejects.toSatisfy(isFlagsError);
  await expect(made.client.setContext(endless)).rejects.toThrow('cannot be written as JSON');
  expect(() => setupValues({ context: endless })).toThrow('cannot be written as JSON');
  expect(made.client.value('a', '')).toBe('for ann');
  expect(made.transport.requests).toHaveLength(1);
});

test('a switch from within a listener shows nobody the values of the last context', () => {
  const made = setupValues();
  const heard: unknown[] = [];
  made.client.subscribe('a', () => heard.push([made.client.context()['targetingKey'], made.client.value('a', 'none')]));
  const stop = made.client.subscribe('a', () => {
    stop();
    void made.client.setContext(bob);
    heard.push(['inside', made.client.value('a', 'none'), made.client.details('a', 'none').source]);
  });
  answer(made, 1, { a: reading('for ann') });
  expect(heard).toEqual([
    ['ann', 'for ann'],
    ['bob', 'none'],
    ['inside', 'none', undefined],
  ]);
  answer(made, 1, { a: reading('for bob') });
  expect(heard.at(-1)).toEqual(['bob', 'for bob']);
});

test('what had come already when the context changed is dropped, too', () => {
  const made = setupValues({}, {}, (request) => {
    if (request.request.body?.includes('eve') !== true) return;
    request.respond();
    request.send(say(1, { a: reading('first for eve') }));
    request.send(say(2, { a: reading('second for eve') }));
  });
  const heard: unknown[] = [];
  made.client.subscribe('a', () => {
    heard.push(made.client.value('a', 'none'));
    if (heard.at(-1) === 'first for eve') void made.client.setContext(bob);
  });
  void made.client.setContext({ targetingKey: 'eve' });
  expect(made.client.context()).toEqual(bob);
  expect(heard).toEqual(['first for eve', 'none', 'none']);
  expect(made.client.value('a', 'none')).toBe('none');
  answer(made, 1, { a: reading('for bob') });
  expect(made.client.value('a', 'none')).toBe('for bob');
});

test('contexts in a row leave one request, of the last', () => {
  const made = setupValues();
  for (const targetingKey of ['b', 'c', 'd']) void made.client.setContext({ targetingKey });
  expect(made.transport.requests.filter(({ closed }) => !closed())).toHaveLength(1);
  expect(bodyOf(made)).toEqual({ context: { targetingKey: 'd' } });
});

test('polls post the context too, and are dropped when it changes', () => {
  const made = setupValues({ mode: 'poll' });
  const late = made.transport.last('evaluate');
  expect(late.request.url).toBe('http://relay/base/v1/evaluate');
  expect(JSON.parse(late.request.body!)).toEqual({ context: { targetingKey: 'ann' } });
  void made.client.setContext(bob);
  const poll = made.transport.last('evaluate');
  expect(poll).not.toBe(late);
  late.respond();
  late.send(say(9, { a: reading('for ann') }));
  expect(made.client.value('a', 'none')).toBe('none');
  poll.respond();
  poll.send(say(1, { a: reading('for bob') }));
  expect(made.client.value('a', 'none')).toBe('for bob');
  made.clock.advance(40_000);
  expect(made.transport.last('evaluate')).not.toBe(poll);
});

test('who wants signed rules only is not given unsigned values', () => {
  const verify: unknown = () => ({});
  expect(() => setupValues({ verify } as ValuesClientOptions)).toThrow('Values are not signed.');
});

test('who polls opens no stream, whatever was refused', () => {
  const made = setupValues({ mode: 'poll' });
  made.transport.last('evaluate').respond({ status: 403 });
  void made.client.setContext(bob);
  made.clock.advance(60_000);
  expect(new Set(made.transport.requests.map(({ request }) => request.url))).toEqual(
    new Set(['http://relay/base/v1/evaluate']),
  );
});

test('where the stream does not come, values are polled', () => {
  const made = setupValues();
  made.clock.advance(7_000);
  const poll = made.transport.last('evaluate');
  poll.respond();
  poll.send(say(1, { a: reading('polled') }));
  expect(made.client.details('a', '')).toMatchObject({ value: 'polled', source: 'network' });
  void made.client.setContext(bob);
  expect(made.client.value('a', 'none')).toBe('none');
  expect(made.transport.last('evaluate').request.body).toContain('bob');
});

test('a server that asked for time is called no sooner because the context changes', () => {
  const made = setupValues();
  made.transport.last('stream').respond({ status: 503, retryAfter: '60' });
  void made.client.setContext(bob);
  expect(made.transport.requests).toHaveLength(1);
  made.clock.advance(100_000);
  expect(made.transport.last('stream').request.body).toContain('bob');
});

test('values of a bootstrap are served for their context, until the relay has spoken', () => {
  const page = { version: 'v1', flags: { a: { value: 'from the page', variation: 1 } } };
  const made = setupValues({ values: page });
  expect(made.client.details('a', '')).toMatchObject({
    value: 'from the page',
    variation: 1,
    reason: 'UNKNOWN',
    source: 'bootstrap',
  });
  expect(made.client.details('b', '')).toMatchObject({ errorCode: 'PROVIDER_NOT_READY' });
  const heard: unknown[] = [];
  made.client.subscribe('a', () => heard.push(made.client.value('a', 'gone')));
  answer(made, 1, {});
  expect(heard).toEqual(['gone']);
  expect(made.client.details('b', '')).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' });
  const other = setupValues({ values: { ...page, context: fingerprintOf(bob)! } });
  expect(other.client.value('a', 'none')).toBe('none');
  expect(other.logged).toEqual(['The bootstrap is not used: its values are for another context.']);
  const again = setupValues({ values: page });
  void again.client.setContext(bob);
  expect(again.client.value('a', 'none')).toBe('none');
});
