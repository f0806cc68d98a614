import { expect, test } from 'vitest';
import type { ClientEvent } from '../src/index.ts';
import { flagOf, held, rulesetJson, segmentOf } from './rulesets.ts';
import { connect, delta, first, fullSync, setup } from './setup.ts';

test('a listener for a flag hears only what can change its answer', () => {
  const made = setup();
  connect(made);
  const heard: string[] = [];
  for (const key of ['a', 'b', 'c', 'nothing']) made.client.subscribe(key, () => heard.push(key));
  const stream = made.transport.last('stream');
  stream.send(delta(first, 2, { flags: { a: flagOf('a', 2, false) } }));
  expect(heard.splice(0)).toEqual(['a']);
  stream.send(delta(first, 3, { flags: { b: flagOf('b', 3, true) } }));
  expect(heard.splice(0)).toEqual(['b', 'c']);
  stream.send(delta(first, 4, { flags: {}, segments: { staff: null } }));
  expect(heard.splice(0)).toEqual([]);
  stream.send(delta(first, 5, { flags: { nothing: flagOf('nothing', 5, true) } }));
  expect(heard.splice(0)).toEqual(['nothing']);
});

test('a segment, however deep, counts for the flags that use it', () => {
  const deep = [
    flagOf('d', 1, false, {
      rules: [{ id: 'r', when: { all: [{ not: { segment: 'outer' } }] }, serve: { variation: 'on' } }],
    }),
  ];
  const outer = { key: 'outer', version: 1, digest: 'o', rules: [{ any: [{ segment: 'inner' }] }] };
  const state = held(1, deep, [outer, segmentOf('inner', 1, [])]);
  const made = setup();
  connect(made, {
    type: 'FULL_SYNC',
    position: state.position,
    reason: '',
    ruleset: rulesetJson(1, deep, [outer, segmentOf('inner', 1, [])]),
  });
  const heard: string[] = [];
  made.client.subscribe('d', () => heard.push('d'));
  made.transport.last('stream').send(delta(state, 2, { segments: { inner: segmentOf('inner', 2, ['u']) } }));
  expect(heard).toEqual(['d']);
});

test('a full sync with the same entries is no news to a flag’s listener', () => {
  const made = setup();
  connect(made);
  const heard: string[] = [];
  made.client.subscribe('c', () => heard.push('c'));
  made.transport.last('stream').send({ ...fullSync, position: { ...first.position, version: 2 } });
  expect(heard).toEqual([]);
});

test('a listener for everything hears changes and statuses, until it stops listening', () => {
  const made = setup();
  const heard: ClientEvent[] = [];
  const stop = made.client.subscribe((event) => heard.push(event));
  connect(made);
  expect(heard.map((event) => (event.type === 'status' ? event.status.state : event.type))).toEqual(['change', 'live']);
  stop();
  made.transport.last('stream').end();
  expect(heard).toHaveLength(2);
});

test('a listener that throws later is reported too, and does not end the process', async () => {
  const made = setup();
  made.client.subscribe(async () => {
    await Promise.resolve();
    throw new Error('late');
  });
  connect(made);
  await expect.poll(() => made.logged).toContain('A listener threw: late. Fix the listener.');
});

test('a listener that throws hurts nobody', () => {
  const made = setup();
  const heard: string[] = [];
  made.client.subscribe('a', () => {
    throw new Error('mine');
  });
  made.client.subscribe('a', () => heard.push('a'));
  connect(made);
  expect(heard).toEqual(['a']);
  expect(made.logged).toEqual(['A listener threw: mine. Fix the listener.']);
  expect(made.client.value('a', false)).toBe(true);
});

test('a listener may close the client', () => {
  const made = setup();
  made.client.subscribe('a', () => void made.client.close());
  connect(made);
  expect(made.client.status().state).toBe('closed');
  expect(made.transport.last('stream').closed()).toBe(true);
  expect(made.client.value('a', false)).toBe(true);
});
