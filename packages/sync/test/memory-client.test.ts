import { expect, test } from 'vitest';
import { createMemoryClient, rulesetOf, switchFlag } from '../src/testing/index.ts';
import { createBootstrap, isFlagsError } from '../src/index.ts';
import { flagOf, rulesetJson } from './rulesets.ts';

test('a memory client serves its values at once, and tells listeners when they are set', async () => {
  const flags = createMemoryClient({ checkout: true, theme: 'dark', limits: { max: 3 } });
  expect(await flags.ready()).toEqual({ source: 'network' });
  expect(flags.value('checkout', false)).toBe(true);
  expect(flags.value('limits', {})).toEqual({ max: 3 });
  const heard: string[] = [];
  flags.subscribe('checkout', () => heard.push(`checkout ${flags.value('checkout', false)}`));
  flags.subscribe('theme', () => heard.push('theme'));
  flags.set({ checkout: false });
  flags.set({ checkout: null, more: 1 });
  expect(heard).toEqual(['checkout false', 'checkout false']);
  expect(flags.details('checkout', true)).toMatchObject({ value: true, errorCode: 'FLAG_NOT_FOUND' });
  expect(flags.value('more', 0)).toBe(1);
  await flags.close();
});

test('a memory client can be cut off and brought back', () => {
  const flags = createMemoryClient({ checkout: true });
  flags.disconnect();
  expect(flags.status()).toMatchObject({ stale: true, reason: 'network' });
  flags.set({ checkout: false });
  expect(flags.value('checkout', false)).toBe(true);
  flags.reconnect();
  expect(flags.status()).toMatchObject({ state: 'live', stale: false });
  expect(flags.value('checkout', true)).toBe(false);
});

test('a memory client takes a whole ruleset, and its clock can be moved', () => {
  const first = createMemoryClient();
  const from = new Date(first.clock.now() + 1_000).toISOString();
  const rules = [{ id: 'later', when: { time: { from } }, serve: { variation: 'on' } }];
  const flags = createMemoryClient(rulesetJson(3, [flagOf('sale', 3, false, { rules })]) as Record<string, never>);
  expect(flags.value('sale', false)).toBe(false);
  flags.clock.advance(1_000);
  expect(flags.value('sale', false)).toBe(true);
});

test('a memory client takes what makes rulesets for tests, and pages see the values that it was given', () => {
  const rules = [
    { id: 'pro', when: { attr: 'plan', op: 'in', values: ['pro'] }, serve: { variation: 'off' } },
  ] as const;
  const flags = createMemoryClient(rulesetOf(1, [switchFlag('tour', { rules })]));
  expect(['pro', 'free'].map((plan) => flags.value('tour', null, { plan }))).toEqual([false, true]);
  const { snapshot } = createMemoryClient({ theme: 'dark' });
  expect(createBootstrap(snapshot(), {}, 0).flags).toMatchObject({ theme: { value: 'dark' } });
});

test('an unusable ruleset is refused with what to pass instead', () => {
  let caught: unknown;
  try {
    createMemoryClient({ format: 2 });
  } catch (error) {
    caught = error;
  }
  expect(isFlagsError(caught)).toBe(true);
});
