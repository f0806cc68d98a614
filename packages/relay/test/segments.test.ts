import type { Flag } from '@flags/core';
import type { Values } from '@flags/sync';
import { describe, expect, it } from 'vitest';
import { signContext } from '@flags/node';
import type { LookUpSegments, RelayOptions, SegmentQuestion } from '../src/index.ts';
import { externalSegments, memorySource } from '../src/index.ts';
import { parsePrometheus } from './prometheus.ts';
import type { StreamReader } from './reader.ts';
import { openStream } from './reader.ts';
import { flag, ruleset, segment } from './ruleset.ts';
import type { Started } from './start.ts';
import { CLIENT_KEY, KEY, open, start, until } from './start.ts';

const inSegment = (key: string): Partial<Flag> => ({
  client: 'evaluated',
  rules: [{ id: key, when: { segment: key }, serve: { variation: 'on' } }],
  fallthrough: { variation: 'off' },
});
const SECRET = 'a-secret-that-is-longer-than-32-characters';
const ann = { targetingKey: 'ann' };

interface Answer {
  readonly values?: Readonly<Record<string, { readonly value: unknown }>>;
}

interface Bench extends Started {
  readonly asked: SegmentQuestion[];
  readonly logged: string[];
  /** What the next lookups do. */
  answer: LookUpSegments;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** What the flag in the segment `beta` gives for a context. */
  read(context: object, headers?: Record<string, string>): Promise<unknown>;
  follow(context: object): Promise<StreamReader>;
}

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

async function setup(more: Partial<RelayOptions> = {}, ttlMs = 60_000): Promise<Bench> {
  const source = memorySource(
    ruleset(
      1,
      [
        flag('a', 1, inSegment('beta')),
        flag('plain', 1, { client: true }),
        flag('hidden', 1, { ...inSegment('beta'), client: false }),
      ],
      [segment('beta', 1, { external: true }), segment('late', 1, { external: true })],
    ),
  );
  const asked: SegmentQuestion[] = [];
  const logged: string[] = [];
  const note = (_facts: object, text: string): void => void logged.push(text);
  const lookUp: LookUpSegments = (question) => {
    asked.push(question);
    return bench.answer(question);
  };
  const segments = externalSegments(lookUp, { ttlMs, timeoutMs: 100 });
  const log = { info: note, warn: note, error: note };
  const started = await start({ source, segments, log, ...more });
  const bench: Bench = {
    ...started,
    source,
    asked,
    logged,
    answer: ({ unit }) => (unit === 'ann' ? ['beta'] : []),
    post: async (path, body, headers = bearer(CLIENT_KEY)) => {
      const response = await fetch(started.relay.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
      return (await response.json()) as Answer;
    },
    read: async (context, headers) => (await bench.post('/v1/evaluate', { context }, headers)).values?.['a']?.value,
    follow: async (context) => {
      const reader = await openStream(`${started.relay.url}/v1/client/stream`, bearer(CLIENT_KEY), { context });
      open.push(reader);
      return reader;
    },
  };
  return bench;
}

async function values(reader: StreamReader): Promise<Values> {
  const { message } = await reader.change();
  if (message.type !== 'VALUES') throw new Error(`${message.type} instead of values`);
  return message;
}

describe('external segments', () => {
  it('are looked up by every route that evaluates, once for each unit', async () => {
    const { read, post, follow, asked } = await setup();
    expect([await read(ann), await read({ targetingKey: 'bob' }), await read({})]).toEqual([true, false, false]);
    expect(await post('/ofrep/v1/evaluate/flags/a', { context: ann })).toMatchObject({ value: true });
    expect(await post('/ofrep/v1/evaluate/flags', { context: ann })).toMatchObject({
      flags: [{ key: 'a', value: true }, { key: 'plain' }],
    });
    expect(await values(await follow(ann))).toMatchObject({ values: { a: { value: true } } });
    expect(asked).toEqual(['ann', 'bob'].map((unit) => ({ unit, by: 'targetingKey', segments: ['beta'] })));
  });

  it('are not asked for by who reads flags that depend on none', async () => {
    const { post, asked } = await setup();
    await post('/v1/evaluate', { context: ann, flags: ['plain', 'nothing'] });
    await post('/ofrep/v1/evaluate/flags/plain', { context: ann });
    // The time that a lookup takes would say that there is such a flag.
    await post('/v1/evaluate', { context: ann, flags: ['hidden'] });
    await post('/ofrep/v1/evaluate/flags/hidden', { context: ann });
    expect(asked).toEqual([]);
    await post('/v1/evaluate', { context: ann, flags: ['hidden'] }, bearer(KEY));
    expect(asked).toHaveLength(1);
  });

  it('are what a browser says of itself only where nobody looks them up', async () => {
    const claim = { targetingKey: 'bob', $segments: ['beta'], $unresolved: ['beta'] };
    const { read, post, follow } = await setup();
    expect(await read(claim)).toBe(false);
    expect(await post('/ofrep/v1/evaluate/flags/a', { context: claim })).toMatchObject({ value: false });
    expect(await post('/ofrep/v1/evaluate/flags', { context: claim })).toMatchObject({ flags: [{ value: false }, {}] });
    expect(await values(await follow(claim))).toMatchObject({ values: { a: { value: false } } });
    // Nobody to ask about, and so nothing looked up that could take its place.
    expect(await read({ $segments: ['beta'] })).toBe(false);
    const without = await setup({ segments: undefined as never });
    expect(await without.read(claim)).toBe(true);
  });

  it('are what a server says: with its key, or in a context that it signed', async () => {
    const claim = { targetingKey: 'bob', $segments: ['beta'] };
    const { read } = await setup({ contextSecrets: [SECRET] });
    expect(await read(claim, bearer(KEY))).toBe(true);
    const signature = signContext(claim, SECRET, { expiresAt: Date.now() + 60_000 });
    expect(await read(claim, { ...bearer(CLIENT_KEY), 'x-flags-context-signature': signature })).toBe(true);
  });

  it('that cannot be looked up hold nobody up for long, count as not held, and are told of', async () => {
    const bench = await setup();
    bench.answer = () => new Promise(() => {});
    expect(await bench.read(ann)).toBe(false);
    expect(bench.logged).toContainEqual(expect.stringContaining('no answer within 100 ms'));
    const samples = parsePrometheus(await (await bench.get('/metrics')).text());
    const named = (name: string): unknown =>
      Object.fromEntries([...samples].filter(([sample]) => sample.startsWith(`flags_relay_segment_${name}`)));
    expect(named('questions')).toEqual({
      'flags_relay_segment_questions_total{from="cache"}': 0,
      'flags_relay_segment_questions_total{from="stale"}': 0,
      'flags_relay_segment_questions_total{from="lookup"}': 0,
      'flags_relay_segment_questions_total{from="nowhere"}': 1,
    });
    expect(named('lookups_total')).toEqual({
      'flags_relay_segment_lookups_total{outcome="answered"}': 0,
      'flags_relay_segment_lookups_total{outcome="failed"}': 0,
      'flags_relay_segment_lookups_total{outcome="timeout"}': 1,
    });
    expect(samples.get('flags_relay_segment_lookup_seconds_count')).toBe(1);
    expect(samples.get('flags_relay_segment_lookup_seconds_sum')).toBeGreaterThanOrEqual(0.099);
    bench.answer = () => ['beta'];
    expect(await bench.read(ann)).toBe(true);
    expect(await bench.read(ann)).toBe(true);
    const after = parsePrometheus(await (await bench.get('/metrics')).text());
    expect(after.get('flags_relay_segment_questions_total{from="cache"}')).toBe(1);
    expect(after.get('flags_relay_segment_lookups_total{outcome="answered"}')).toBe(1);
  });

  it('of a stream are looked at again: who joins or leaves one is told, and a failure changes nothing', async () => {
    const bench = await setup({}, 50);
    const reader = await bench.follow({ targetingKey: 'bob', $segments: ['beta'] });
    expect(await values(reader)).toMatchObject({ values: { a: { value: false } } });
    bench.answer = () => ['beta'];
    expect(await values(reader)).toMatchObject({ from: {}, values: { a: { value: true } } });
    const count = bench.asked.length;
    bench.answer = () => Promise.reject(new Error('down'));
    await until(() => bench.asked.length > count);
    bench.answer = () => [];
    const last = await values(reader);
    expect(last.values).toMatchObject({ a: { value: false, reason: 'DEFAULT' } });
    reader.close();
    await until(() => bench.relay.streams === 0);
    const asked = bench.asked.length;
    await new Promise((resolve) => void setTimeout(resolve, 200));
    expect(bench.asked.length).toBe(asked);
  });

  it('that a commit brings into use are looked up for open streams', async () => {
    const bench = await setup();
    bench.answer = ({ segments }) => segments;
    const reader = await bench.follow(ann);
    await values(reader);
    bench.source.apply({ version: 2, flags: { b: flag('b', 2, inSegment('late')) } });
    expect(await values(reader)).toMatchObject({ values: { b: { value: false } } });
    expect(await values(reader)).toMatchObject({ values: { b: { value: true } } });
    expect(bench.asked.at(-1)?.segments).toEqual(['beta', 'late']);
  });

  it('are refused as an option that is no function', async () => {
    await expect(setup({ segments: {} as never })).rejects.toThrow('Give externalSegments(');
  });
});
