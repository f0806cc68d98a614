import type { Ruleset } from '@flags/core';
import { fingerprintOf } from '@flags/sync';
import { expect, test } from 'vitest';
import type { LookUpSegments } from '../src/index.ts';
import { createEdgeFlags, externalSegments, flagMiddleware } from '../src/index.ts';
import type { World } from './world.ts';
import { createFakeRelay, createWorld, ruleset } from './world.ts';

/** The flag `a` gives `one pro` to who is in the segment `beta`, which is external. */
function rules(): Ruleset {
  const all = ruleset(1, 'one');
  const { a } = all.flags;
  const flag = { ...a!, rules: [{ id: 'beta', when: { segment: 'beta' }, serve: { variation: 'pro' } }] };
  const beta = { key: 'beta', version: 1, digest: 'beta', external: true };
  return { ...all, flags: { a: flag }, segments: { beta } };
}

function setup(lookUp: LookUpSegments, first: Ruleset = rules()): World {
  return createWorld({ segments: externalSegments(lookUp, { ttlMs: 1_000 }) }, createFakeRelay(first));
}

test('the flags of a request know its external segments, and their context stays what the request gave', async () => {
  const asked: unknown[] = [];
  const { edge, scope } = setup(async (question) => {
    asked.push(question);
    return question.unit === 'ann' ? ['beta'] : [];
  });
  const flags = await edge.flags({ targetingKey: 'ann' }, scope);
  expect([flags.value('a', ''), flags.details('a', '').ruleId]).toEqual(['one pro', 'beta']);
  expect(flags.all()).toMatchObject({ a: { value: 'one pro' } });
  expect(flags.context).toEqual({ targetingKey: 'ann' });
  // A page takes values for the very context that it has itself.
  const fingerprint = fingerprintOf({ targetingKey: 'ann' });
  expect(flags.bootstrap()).toMatchObject({ flags: { a: { value: 'one pro' } }, context: fingerprint });
  expect((await edge.flags({ targetingKey: 'bob' }, scope)).value('a', '')).toBe('one');
  await edge.flags({ targetingKey: 'ann' }, scope);
  expect(asked).toEqual(['ann', 'bob'].map((unit) => ({ unit, by: 'targetingKey', segments: ['beta'] })));
});

test('nothing is asked where no flag depends on one', async () => {
  let asked = 0;
  const { read } = setup(
    () => {
      asked += 1;
      return [];
    },
    ruleset(1, 'one'),
  );
  expect(await read()).toBe('one');
  expect(asked).toBe(0);
});

test('an old answer serves the request, and is asked for anew after the response', async () => {
  let held: string[] = [];
  const { read, clock, work } = setup(async () => held);
  expect(await read()).toBe('one');
  const before = work.length;
  held = ['beta'];
  clock.advance(1_500);
  expect(await read()).toBe('one');
  expect(work).toHaveLength(before + 1);
  await work[before];
  expect(await read()).toBe('one pro');
});

test('a lookup that fails holds no request up for long, and gives its flags to it all the same', async () => {
  let isAsked = (): void => {};
  const asked = new Promise<void>((resolve) => void (isAsked = resolve));
  const { read, clock } = setup(() => {
    isAsked();
    return new Promise(() => {});
  });
  const reading = read();
  await asked;
  clock.advance(500);
  expect(await reading).toBe('one');
});

test('a middleware looks them up by itself', async () => {
  const { edge, scope } = setup(() => ['beta']);
  const handle = flagMiddleware(edge, (_request, flags) => new Response(flags.value('a' as never, '' as never)));
  expect(await (await handle(new Request('https://shop.test/'), scope)).text()).toBe('one pro');
});

test('the option is checked when flags are created', () => {
  const segments = {} as never;
  expect(() => createEdgeFlags({ url: 'https://relay.test', key: 'k', segments })).toThrow('`segments`');
});
