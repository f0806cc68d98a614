import { expect, test } from 'vitest';
import { createValuesCache } from '../src/index.ts';
import type { TextPlace } from '../src/index.ts';
import { answer, reading, setupValues } from './values.ts';
import type { ValuesSetup } from './values.ts';

function createPlace(): TextPlace & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    getItem: (name) => texts.get(name) ?? null,
    setItem: (name, text) => void texts.set(name, text),
    removeItem: (name) => void texts.delete(name),
  };
}

const open = (place: TextPlace, targetingKey = 'ann', key = 'ck'): ValuesSetup =>
  setupValues({ key, context: { targetingKey } }, { createCache: createValuesCache(() => place) });

async function leave(place: TextPlace, targetingKey: string, value: string): Promise<void> {
  const made = open(place, targetingKey);
  answer(made, 1, { a: reading(value) });
  await made.client.close();
}

test('the next page starts with the values of its context, and goes on from there', async () => {
  const place = createPlace();
  await leave(place, 'ann', 'for ann');
  await leave(place, 'bob', 'for bob');
  const next = open(place);
  expect(next.client.details('a', '')).toMatchObject({ value: 'for ann', source: 'cache', stale: true });
  expect(await next.client.ready()).toEqual({ source: 'cache' });
  const { headers } = next.transport.last('stream').request;
  expect(headers['last-event-id']).toMatch(/^e1\.1\./);
  void next.client.setContext({ targetingKey: 'bob' });
  expect(next.client.details('a', '')).toMatchObject({ value: 'for bob', source: 'cache', stale: true });
  void next.client.setContext({ targetingKey: 'eve' });
  expect(next.client.value('a', 'none')).toBe('none');
  expect(open(place, 'ann', 'another-key').client.value('a', 'none')).toBe('none');
  expect([...place.texts.keys()].join() + [...place.texts.values()].join()).not.toMatch(/ck|targetingKey/);
});

test('a poll that finds the same keeps no more, and values are written a second after they came', () => {
  const place = createPlace();
  const made = open(place);
  answer(made, 1, { a: reading('one') });
  expect(place.texts.size).toBe(0);
  made.clock.advance(1_000);
  expect(place.texts.size).toBe(1);
  place.texts.clear();
  answer(made, 2, { a: reading('one') });
  made.clock.advance(1_000);
  expect(place.texts.size).toBe(0);
});

test('the last four contexts are kept', async () => {
  const place = createPlace();
  for (const name of ['a', 'b', 'c', 'd', 'b', 'e']) await leave(place, name, name);
  const found = ['a', 'b', 'c', 'd', 'e'].map((name) => open(place, name).client.value('a', 'none'));
  expect(found).toEqual(['none', 'b', 'c', 'd', 'e']);
});

test('what is too long is kept for fewer contexts, or for none', async () => {
  const place = createPlace();
  const long = 'x'.repeat(200_000);
  for (const name of ['a', 'b', 'c']) await leave(place, name, long + name);
  expect(['a', 'b', 'c'].map((name) => open(place, name).client.value('a', 'none').length)).toEqual([
    4, 200_001, 200_001,
  ]);
  await leave(place, 'd', long + long + long);
  expect(place.texts.size).toBe(0);
});

test.each([
  ['no JSON', () => '{'],
  ['no list', () => '{}'],
  ['nothing of use', () => '[7,["x"],[null,{}]]'],
  ['another value', (text: string) => text.replace('for ann', 'for eve')],
  ['no position', (text: string) => text.replace('position', 'p')],
])('what is damaged is not used: %s', async (_, damage) => {
  const place = createPlace();
  await leave(place, 'ann', 'for ann');
  for (const [name, text] of place.texts) place.texts.set(name, damage(text));
  const next = open(place);
  expect(next.client.value('a', 'none')).toBe('none');
  answer(next, 1, { a: reading('one') });
  await next.client.close();
  expect(open(place).client.value('a', 'none')).toBe('one');
});

test('without storage, or room in it, the page goes on', async () => {
  const full: TextPlace = {
    ...createPlace(),
    setItem: () => {
      throw new Error('full');
    },
  };
  const denied = createValuesCache(() => {
    throw new Error('denied');
  });
  for (const createCache of [createValuesCache(() => full), denied]) {
    const made = setupValues({}, { createCache });
    answer(made, 1, { a: reading('one') });
    await made.client.flush();
    expect(made.client.value('a', 'none')).toBe('one');
    expect(made.logged).toEqual([expect.stringContaining('not kept')]);
    await made.client.close();
  }
});
