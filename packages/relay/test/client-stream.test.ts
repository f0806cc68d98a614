import type { Flag, RulesetChange } from '@flags/core';
import type { Values } from '@flags/sync';
import { describe, expect, it } from 'vitest';
import type { MemorySource } from '../src/index.ts';
import { memorySource } from '../src/index.ts';
import type { StreamReader } from './reader.ts';
import { openStream } from './reader.ts';
import { flag, ruleset, segment } from './ruleset.ts';
import type { Started } from './start.ts';
import { CLIENT_KEY, KEY, open, start } from './start.ts';

const beta: Partial<Flag> = {
  rules: [{ id: 'beta', when: { segment: 'beta' }, serve: { variation: 'on' } }],
  fallthrough: { variation: 'off' },
};
const context = { targetingKey: 'u', plan: 'pro' };

interface Bench extends Started {
  readonly source: MemorySource;
  readonly join: (more?: { key?: string; held?: string; context?: object }) => Promise<StreamReader>;
  readonly commit: (change: Pick<RulesetChange, 'flags' | 'segments'>) => void;
}

async function startBench(more: readonly Flag[] = []): Promise<Bench> {
  const flags = [
    flag('private', 1, beta),
    flag('evaluated', 1, { ...beta, client: 'evaluated', prerequisites: [{ flag: 'private', variations: ['on'] }] }),
    flag('public', 1, { client: true }),
    flag('broken', 1, { client: true, off: 'nowhere' }),
    ...more,
  ];
  const source = memorySource(ruleset(1, flags, [segment('beta', 1, { include: ['u'] })]));
  const started = await start({ source });
  let version = 1;
  return {
    ...started,
    source,
    commit: (change) => {
      version += 1;
      source.apply({ version, ...change });
    },
    join: async ({ key = CLIENT_KEY, held, context: given = context } = {}) => {
      const headers = { authorization: `Bearer ${key}`, ...(held === undefined ? {} : { 'last-event-id': held }) };
      const reader = await openStream(`${started.relay.url}/v1/client/stream`, headers, { context: given });
      open.push(reader);
      return reader;
    },
  };
}

async function values(reader: StreamReader): Promise<Values & { readonly id: string }> {
  const { message, id = '' } = await reader.change();
  if (message.type !== 'VALUES') throw new Error(`${message.type} instead of values`);
  return { ...message, id };
}

describe('POST /v1/client/stream', () => {
  it('begins with all values that a client key may read, and a heartbeat', async () => {
    const { join, relay } = await startBench();
    const reader = await join();
    expect(reader.response.status).toBe(200);
    expect(reader.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const first = await values(reader);
    expect(first.from).toBeUndefined();
    expect({ ...first.values }).toEqual({
      evaluated: { value: true, variant: 'on', variation: 0, reason: 'TARGETING_MATCH', version: 1 },
      public: { value: true, variant: 'on', variation: 0, reason: 'STATIC', version: 1 },
      broken: { value: null, reason: 'ERROR', errorCode: 'PARSE_ERROR' },
    });
    const { message: heartbeat, id } = await reader.next();
    expect(heartbeat).toMatchObject({ type: 'HEARTBEAT', position: first.position, intervalMs: 30_000 });
    expect(heartbeat).toHaveProperty('stream');
    expect(id).toBeUndefined();
    const answer = await fetch(`${relay.url}/v1/evaluate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ context }),
    });
    expect(((await answer.json()) as { position: string }).position).toBe(first.id);
  });

  it('gives a server key every flag, with the names of rules', async () => {
    const { join } = await startBench();
    const { values: all } = await values(await join({ key: KEY }));
    expect(Object.keys(all)).toEqual(['private', 'evaluated', 'public', 'broken']);
    expect(all['private']).toMatchObject({ ruleId: 'beta' });
  });

  it('pushes what a commit changes for this context, and nothing else', async () => {
    const { join, commit } = await startBench();
    const [u, v] = [await join(), await join({ context: { targetingKey: 'v' } })];
    const first = { u: await values(u), v: await values(v) };
    expect(first.v.values['evaluated']).toMatchObject({ value: false });
    // Neither a private flag nor an edit without an effect is any change.
    commit({ flags: { secret: flag('secret', 2), public: flag('public', 2, { client: true, note: 'edited' }) } });
    // Through a segment, a private flag and its dependant; for one context only.
    commit({ segments: { beta: segment('beta', 3, { include: [] }) } });
    const second = await values(u);
    expect(second.from).toEqual(first.u.position);
    expect({ ...second.values }).toEqual({
      evaluated: { value: false, variant: 'off', variation: 1, reason: 'PREREQUISITE_FAILED', version: 1 },
    });
    commit({ flags: { public: null, fresh: flag('fresh', 4, { client: 'evaluated' }) } });
    const third = await values(u);
    expect(third.from).toEqual(second.position);
    expect(third.values).toMatchObject({ public: null, fresh: { value: true } });
    expect(await values(v)).toMatchObject({ from: first.v.position, values: { public: null, fresh: {} } });
  });

  it('resumes with nothing but a heartbeat while the hash is the same, with all values otherwise', async () => {
    const { join, commit } = await startBench();
    const { id } = await values(await join());
    expect((await (await join({ held: id })).next()).message.type).toBe('HEARTBEAT');
    commit({ flags: { secret: flag('secret', 2) } });
    const reader = await join({ held: id });
    expect(await reader.next()).toMatchObject({ message: { type: 'HEARTBEAT', position: { version: 2 } } });
    commit({ flags: { public: flag('public', 3, { client: true, enabled: false }) } });
    const change = await values(reader);
    expect(change).toMatchObject({ from: { version: 1 }, values: { public: { reason: 'DISABLED' } } });
    expect(Object.keys(change.values)).toEqual(['public']);
    const late = await values(await join({ held: id }));
    expect(late.from).toBeUndefined();
    expect(Object.keys(late.values)).toEqual(['evaluated', 'public', 'broken']);
    // Another context holds other values.
    expect((await values(await join({ held: late.id, context: { targetingKey: 'v' } }))).from).toBeUndefined();
  });

  it('sends nothing older to a client that is ahead', async () => {
    const { join } = await startBench();
    const { position } = await values(await join());
    const reader = await join({ held: `${position.epoch}.9.00000000` });
    expect((await reader.next()).message.type).toBe('HEARTBEAT');
  });

  it('pushes what the clock alone changes', async () => {
    const at = new Date(Date.now() + 1_000).toISOString();
    const window = { rules: [{ id: 'w', when: { time: { from: at } }, serve: { variation: 'off' } }] };
    const { join } = await startBench([flag('timed', 1, { client: true, ...window })]);
    const reader = await join();
    const before = await values(reader);
    expect(before.values['timed']).toMatchObject({ value: true });
    const after = await values(reader);
    expect(after.from).toEqual(before.position);
    expect(Object.keys(after.values)).toEqual(['timed']);
    expect(after.values['timed']).toMatchObject({ value: false, reason: 'TARGETING_MATCH' });
    expect(after.position).toMatchObject({ version: 1, hash: expect.not.stringMatching(before.position.hash) });
  });

  it('counts what streams carry', async () => {
    const { join, stream, get } = await startBench();
    const reader = await join();
    await stream();
    await stream(`/ofrep/v1/stream`);
    const scrape = async (): Promise<string> => (await get('/metrics')).text();
    for (const kind of ['rules', 'values', 'notices']) {
      expect(await scrape()).toContain(`flags_relay_streams{kind="${kind}"} 1`);
    }
    reader.close();
    await expect.poll(scrape).toContain('flags_relay_streams{kind="values"} 0');
  });

  it('says goodbye when the relay closes', async () => {
    const { join, relay } = await startBench();
    const reader = await join();
    await values(reader);
    const closing = relay.close();
    expect((await reader.change()).message).toMatchObject({ type: 'GOODBYE', reason: 'drain', retry: true });
    expect(await reader.ended()).toBe(true);
    await closing;
  });

  it.each([
    ['{', 400, 'INVALID_BODY'],
    ['[]', 400, 'INVALID_BODY'],
    ['{"contxt":{}}', 400, 'INVALID_BODY'],
    ['{"context":7}', 400, 'INVALID_CONTEXT'],
    ['{"context":{"targetingKey":{}}}', 400, 'INVALID_CONTEXT'],
    [`{"context":{"a":"${'x'.repeat(65_536)}"}}`, 413, 'BODY_TOO_LARGE'],
  ])('refuses the body %.40s', async (body, status, code) => {
    const { relay } = await startBench();
    const headers = { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' };
    const response = await fetch(`${relay.url}/v1/client/stream`, { method: 'POST', headers, body });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });

  it('asks for a key before it takes a body in', async () => {
    const { relay } = await startBench();
    const response = await fetch(`${relay.url}/v1/client/stream`, { method: 'POST', body: '{' });
    expect(response.status).toBe(401);
  });
});
