import { expect, test } from 'vitest';
import { createContextClient, fingerprintOf, isFlagsError } from '../src/index.ts';
import type { ContextClient, ValuesBootstrap } from '../src/index.ts';
import { createMemoryContextClient } from '../src/testing/index.ts';
import { flagOf, rulesetJson } from './rulesets.ts';
import { ann, connect, first, fullSync, setup } from './setup.ts';
import type { Setup } from './setup.ts';

const rules = rulesetJson(3, [
  flagOf('vip', 3, false, {
    rules: [{ id: 'r', when: { attr: 'plan', op: 'eq', values: ['pro'] }, serve: { variation: 'on' } }],
  }),
  flagOf('plain', 3, true),
]) as Record<string, never>;

const values: ValuesBootstrap = { version: 'v7', flags: { a: { value: false, variation: 1 }, text: { value: 'hi' } } };

function withValues(more: Partial<ValuesBootstrap> = {}, made: Setup = setup()): Setup & { held: ContextClient } {
  const held = createContextClient(made.client, { context: ann, values: { ...values, ...more } });
  return { ...made, held };
}

test('reads are for the context that is held, and for the next one at once', async () => {
  const flags = createMemoryContextClient(rules, { plan: 'free' });
  expect(flags.value('vip', false)).toBe(false);
  const set = flags.setContext({ plan: 'pro' });
  expect(flags.value('vip', false)).toBe(true);
  expect(flags.details('vip', false)).toMatchObject({ value: true, ruleId: 'r', source: 'network', stale: false });
  expect(flags.peek('vip', false)).toEqual(flags.details('vip', false));
  expect(flags.all()['vip']).toMatchObject({ value: true });
  expect(await set).toEqual({ source: 'network' });
  await flags.setContext(null);
  expect(flags.context()).toEqual({});
  expect(flags.value('vip', false)).toBe(false);
  await flags.close();
});

test('listeners hear of another context once it is in use, and not of one that says the same', async () => {
  const flags = createMemoryContextClient(rules, { plan: 'free', org: { id: 1 } });
  const heard: unknown[] = [];
  flags.subscribe('vip', () => heard.push(flags.value('vip', false)));
  flags.subscribe(({ type }) => heard.push(type));
  const before = flags.context();
  await flags.setContext({ org: { id: 1 }, plan: 'free' });
  expect(flags.context()).toBe(before);
  expect(heard).toEqual([]);
  await flags.setContext({ plan: 'pro' });
  expect(heard).toEqual([true, 'change']);
});

test('listeners hear of their own flag’s changes alone, and of the status', () => {
  const flags = createMemoryContextClient({ a: true, b: 1 });
  const heard: string[] = [];
  const stop = flags.subscribe('a', () => heard.push('a'));
  flags.subscribe(({ type }) => heard.push(type));
  flags.set({ b: 2 });
  expect(heard).toEqual(['change']);
  flags.set({ a: false });
  expect(heard).toEqual(['change', 'change', 'a']);
  stop();
  flags.disconnect();
  expect(heard).toEqual(['change', 'change', 'a', 'status']);
});

test('a flag’s listeners hear when time alone changes it', () => {
  const from = new Date(createMemoryContextClient().clock.now() + 5_000).toISOString();
  const sale = [{ id: 'later', when: { time: { from } }, serve: { variation: 'on' } }];
  const flags = createMemoryContextClient(rulesetJson(3, [flagOf('sale', 3, false, { rules: sale })]) as never);
  const heard: unknown[] = [];
  flags.subscribe('sale', () => heard.push(flags.value('sale', false)));
  flags.clock.advance(10_000);
  expect(heard).toEqual([true]);
});

test('the context is a copy: what the caller changes later changes no answer', () => {
  const context: Record<string, unknown> = { plan: 'free' };
  const flags = createMemoryContextClient(rules, context);
  context['plan'] = 'pro';
  expect(flags.value('vip', false)).toBe(false);
});

test('a context that is no object is refused', async () => {
  const flags = createMemoryContextClient(rules);
  await expect(flags.setContext('ann' as never)).rejects.toSatisfy(isFlagsError);
  expect(() => createMemoryContextClient(rules, [] as never)).toThrow('The context is no object.');
});

test('a context without an end is read from all the same', async () => {
  const endless: Record<string, unknown> = { plan: 'pro' };
  endless['self'] = endless;
  const flags = createMemoryContextClient(rules);
  await flags.setContext(endless);
  expect(flags.value('vip', false)).toBe(true);
});

test('values of a bootstrap are served before there are rules, with their types checked', async () => {
  const { held } = withValues();
  expect(await held.ready()).toEqual({ source: 'bootstrap' });
  expect(held.status()).toMatchObject({ source: 'bootstrap', stale: true });
  expect(held.details('a', true)).toMatchObject({
    value: false,
    variation: 1,
    reason: 'UNKNOWN',
    source: 'bootstrap',
    stale: true,
  });
  expect(held.value('text', null)).toBe('hi');
  expect([held.peek('a', true), held.peek('b', 1)]).toEqual([held.details('a', true), held.details('b', 1)]);
  expect(held.details('text', 1)).toMatchObject({ value: 1, errorCode: 'TYPE_MISMATCH', source: 'bootstrap' });
  expect(held.details('b', 1)).toMatchObject({ value: 1, errorCode: 'PROVIDER_NOT_READY' });
  expect(Object.keys(held.all())).toEqual(['a', 'text']);
});

test('the first rules replace all values of a bootstrap at once, and every listener hears of it', () => {
  const made = withValues();
  const heard: unknown[] = [];
  made.held.subscribe('a', () => heard.push([made.held.value('a', false), made.held.value('text', 'gone')]));
  expect(made.transport.last('stream').request.headers['last-event-id']).toBeUndefined();
  connect(made);
  expect(heard).toEqual([[true, 'gone']]);
  expect(made.held.status()).toMatchObject({ source: 'network', stale: false });
  made.transport.last('stream').end();
  expect(made.held.value('a', false)).toBe(true);
});

test('rules at hand stay below the values of a bootstrap until they are confirmed', () => {
  const made = withValues({}, setup({ bootstrap: { ruleset: fullSync.ruleset, position: undefined } }));
  const { held } = made;
  expect(held.value('a', true)).toBe(false);
  expect(held.value('b', false)).toBe(true);
  const heard: unknown[] = [];
  held.subscribe('a', () => heard.push(held.value('a', false)));
  connect(made, { type: 'HEARTBEAT', position: first.position, time: made.clock.now() });
  expect(heard).toEqual([true]);
});

test('another context drops the values of a bootstrap', () => {
  const made = withValues();
  const heard: unknown[] = [];
  made.held.subscribe('a', () => heard.push(made.held.value('a', true)));
  void made.held.setContext({ targetingKey: 'bob' });
  expect(heard).toEqual([true]);
  expect(made.held.details('a', true)).toMatchObject({ errorCode: 'PROVIDER_NOT_READY' });
  expect(made.held.all()).toEqual({});
});

test('who logs hears that another context has defaults alone until there are rules', async () => {
  const told: string[] = [];
  const logger = { info: (text: string) => told.push(text), warn: () => {} };
  const without = createContextClient(setup().client, { context: ann, values, logger });
  const withRules = setup({ bootstrap: { ruleset: fullSync.ruleset } }).client;
  void createContextClient(withRules, { context: ann, values, logger }).setContext({ targetingKey: 'bob' });
  expect(told).toEqual([]);
  void without.setContext({ targetingKey: 'bob' });
  void without.setContext({ targetingKey: 'eve' });
  expect(told).toEqual(['Defaults are served until rules come: the bootstrap is for the last context.']);
});

test('values are for the context of their fingerprint alone', () => {
  expect(withValues({ context: fingerprintOf(ann)! }).held.value('a', true)).toBe(false);
  expect(withValues({ context: fingerprintOf({ targetingKey: 'bob' })! }).held.value('a', true)).toBe(true);
});

test('a fingerprint does not depend on the order of members, and tells what is said apart', () => {
  expect(fingerprintOf({ a: 1, b: { c: [true], d: 'x' } })).toBe(fingerprintOf({ b: { d: 'x', c: [true] }, a: 1 }));
  expect(fingerprintOf({ a: 1 })).not.toBe(fingerprintOf({ a: '1' }));
  // Two whose texts have the same XXH32.
  expect(fingerprintOf({ targetingKey: 'u-94052' })).not.toBe(fingerprintOf({ targetingKey: 'u-110264' }));
  expect(fingerprintOf({ a: undefined })).toBe(fingerprintOf({}));
  expect(fingerprintOf({ at: new Date(0) })).toBe(fingerprintOf({ at: '1970-01-01T00:00:00.000Z' }));
});

test('`__proto__` is an ordinary key of a bootstrap, and what is no value is left out', () => {
  const flags = JSON.parse('{"__proto__":{"value":1},"bad":7,"none":{}}') as ValuesBootstrap['flags'];
  const { held } = withValues({ flags });
  expect(held.value('__proto__', 0)).toBe(1);
  expect(Object.keys(held.all())).toEqual(['__proto__']);
  const told: string[] = [];
  const logger = { info: () => {}, warn: (text: string) => told.push(text) };
  createContextClient(setup().client, { values: { flags }, logger });
  createContextClient(setup().client, { values, logger });
  expect(told).toEqual(['Some flags of the bootstrap are left out: each has to be { value: … }.']);
  expect(held.value('constructor', 'x')).toBe('x');
});
