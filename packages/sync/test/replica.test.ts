import { expect, test } from 'vitest';
import type { ClientStatus, HeldState, Position } from '../src/index.ts';
import { createSyncReplica, formatPosition } from '../src/index.ts';
import { createFakeClock, createScriptedTransport } from '../src/testing/index.ts';
import { flagOf } from './rulesets.ts';
import { fullSync } from './setup.ts';

function replicate(position?: Position) {
  const transport = createScriptedTransport();
  const clock = createFakeClock();
  const states: HeldState[] = [];
  const statuses: ClientStatus[] = [];
  const replica = createSyncReplica(
    {
      url: 'http://relay',
      key: 'sdk-1',
      ...(position && { held: { ruleset: 'ruleset' in fullSync ? fullSync.ruleset : {}, position } }),
      onState: (state) => states.push(state),
      onStatus: (status) => statuses.push(status),
    },
    { transport, clock, random: () => 0.5 },
  );
  const stream = (): ReturnType<typeof transport.last> => transport.last('stream');
  return { transport, clock, replica, states, statuses, stream };
}

function live() {
  const made = replicate();
  made.stream().respond();
  made.stream().send(fullSync);
  return made;
}

test('hands on each state as it comes; what did not change is the same object', () => {
  const { states, stream } = live();
  const { position } = states[0]!;
  const next = { ...position, version: position.version + 1, hash: '00000000' };
  stream().send({
    type: 'FLAG_UPDATE',
    from: position,
    position: next,
    flags: { a: flagOf('a', next.version, false) },
  });
  expect(states).toHaveLength(2);
  expect(states[1]?.ruleset.flags.get('b')).toBe(states[0]?.ruleset.flags.get('b'));
  expect(states[1]?.ruleset.flags.get('a')).not.toBe(states[0]?.ruleset.flags.get('a'));
});

test('hands on a position that moves while nothing changes', () => {
  const { states, stream } = live();
  const position = { ...states[0]!.position, version: 40 };
  stream().send({ type: 'HEARTBEAT', position, time: 0 });
  expect(states.map((state) => state.position.version)).toEqual([states[0]?.position.version, 40]);
  expect(states[1]?.ruleset).toBe(states[0]?.ruleset);
});

test('starts from what it is given, without reporting it', () => {
  const { states } = live();
  const again = replicate(states[0]!.position);
  expect(again.states).toEqual([]);
  expect(again.stream().request.headers['last-event-id']).toBe(formatPosition(states[0]!.position));
});

test('asks anew when it is told to, and only once at a time', () => {
  const { replica, transport, stream, clock } = live();
  const first = stream();
  replica.refresh();
  replica.refresh();
  clock.advance(0);
  expect(first.closed()).toBe(true);
  expect(stream()).not.toBe(first);
  expect(transport.requests).toHaveLength(2);
});

test('gets what stands beside the stream, with the key', async () => {
  const { replica, transport } = live();
  const answer = replica.get('/v1/history');
  const asked = transport.requests.at(-1)!;
  expect(asked.request).toMatchObject({
    url: 'http://relay/v1/history',
    headers: { authorization: 'Bearer sdk-1' },
  });
  asked.respond({ contentType: 'application/json' });
  asked.write('{"a":"ü"}');
  asked.end();
  expect(await answer).toBe('{"a":"ü"}');
});

test.each([
  ['another status', { status: 404, contentType: 'application/json' }],
  ['another type', { contentType: 'text/html' }],
  ['no answer in time', undefined],
])('gets nothing on %s', async (_name, head) => {
  const { replica, transport, clock } = live();
  const answer = replica.get('/v1/history');
  if (head === undefined) clock.advance(10_000);
  else transport.requests.at(-1)!.respond(head);
  expect(await answer).toBeUndefined();
  expect(transport.requests.at(-1)!.closed()).toBe(true);
});

test('gets nothing any more once it is closed', async () => {
  const { replica, transport, states } = live();
  const waiting = replica.get('/v1/history');
  replica.close();
  expect(await waiting).toBeUndefined();
  const before = transport.requests.length;
  expect(await replica.get('/v1/history')).toBeUndefined();
  expect(transport.requests).toHaveLength(before);
  expect(states).toHaveLength(1);
});
