import type { Flag } from '@flags/core';
import { memorySource } from '../src/index.ts';
import { describe, expect, it } from 'vitest';
import { flag, ruleset, segment } from './ruleset.ts';
import type { Started } from './start.ts';
import { CLIENT_KEY, KEY, start } from './start.ts';

const beta: Partial<Flag> = {
  rules: [{ id: 'beta', when: { segment: 'beta' }, serve: { variation: 'on' } }],
  fallthrough: { variation: 'off' },
};

async function startRules(): Promise<Started & { source: ReturnType<typeof memorySource> }> {
  const source = memorySource(
    ruleset(
      1,
      [
        flag('private', 1, beta),
        flag('evaluated', 1, {
          ...beta,
          client: 'evaluated',
          prerequisites: [{ flag: 'private', variations: ['on'] }],
        }),
        flag('public', 1, { client: true }),
        flag('split', 1, {
          fallthrough: {
            split: {
              slices: [
                ['on', 50_000],
                ['off', 50_000],
              ],
            },
          },
        }),
        flag('broken', 1, { off: 'nowhere' }),
        flag('__proto__', 1),
      ],
      [segment('beta', 1, { include: ['u'] })],
    ),
  );
  return { ...(await start({ source })), source };
}

const post = async (
  { relay }: Started,
  body: unknown,
  { key = KEY, type = 'application/json', query = '' }: { key?: string; type?: string; query?: string } = {},
): Promise<{ status: number; body: Answer; text: string }> => {
  const response = await fetch(`${relay.url}/v1/evaluate${query}`, {
    method: 'POST',
    headers: { 'content-type': type, ...(key === '' ? {} : { authorization: `Bearer ${key}` }) },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text) as Answer, text };
};

interface Answer {
  readonly position: string;
  readonly values: Readonly<Record<string, { readonly value: unknown; readonly [member: string]: unknown }>>;
  readonly error: { readonly code: string; readonly message: string };
}

describe('POST /v1/evaluate', () => {
  it('reads one flag, many, or all for a context', async () => {
    const started = await startRules();
    const context = { targetingKey: 'u' };
    const one = await post(started, { context, flags: ['private'] });
    expect(one.status).toBe(200);
    expect(one.body.values).toEqual({
      private: { value: true, variant: 'on', variation: 0, reason: 'TARGETING_MATCH', ruleId: 'beta', version: 1 },
    });
    const many = await post(started, { context: { targetingKey: 'v' }, flags: ['private', 'public', 'none'] });
    expect(many.body.values).toMatchObject({
      private: { value: false, reason: 'DEFAULT' },
      public: { value: true, reason: 'STATIC' },
      none: { value: null, reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND' },
    });
    const all = await post(started, { context });
    expect(Object.keys(all.body.values).sort()).toEqual(
      ['__proto__', 'broken', 'evaluated', 'private', 'public', 'split'].sort(),
    );
    expect(all.body.values['broken']).toEqual({ value: null, reason: 'ERROR', errorCode: 'PARSE_ERROR' });
  });

  it('says which flag needs a targeting key, and reads the others', async () => {
    const { body } = await post(await startRules(), { flags: ['split', 'public'] });
    expect(body.values['split']).toMatchObject({ value: null, errorCode: 'TARGETING_KEY_MISSING' });
    expect(body.values['public']).toMatchObject({ value: true });
  });

  it('gives a client key the values of client flags alone, whatever they depend on, and no names of rules', async () => {
    const started = await startRules();
    const context = { targetingKey: 'u' };
    for (const options of [{ key: CLIENT_KEY }, { key: '', query: `?key=${CLIENT_KEY}` }]) {
      const all = await post(started, { context }, options);
      expect(all.body.values).toEqual({
        evaluated: { value: true, variant: 'on', variation: 0, reason: 'TARGETING_MATCH', version: 1 },
        public: { value: true, variant: 'on', variation: 0, reason: 'STATIC', version: 1 },
      });
    }
    const asked = await post(started, { context, flags: ['private', 'none'] }, { key: CLIENT_KEY });
    expect(asked.body.values['private']).toEqual(asked.body.values['none']);
  });

  it('answers from what the flags have become, segments and lost flags too', async () => {
    const started = await startRules();
    const ask = async (): Promise<unknown> => {
      const { body } = await post(started, { context: { targetingKey: 'w' }, flags: ['private', 'public'] });
      return [body.values['private']?.value, body.values['public']?.value];
    };
    expect(await ask()).toEqual([false, true]);
    started.source.apply({ version: 2, segments: { beta: segment('beta', 2, { include: ['w'] }) } });
    started.source.apply({ version: 3, flags: { public: flag('public', 3, { enabled: false }) } });
    expect(await ask()).toEqual([true, false]);
    started.source.replace(ruleset(1, [flag('private', 1)], [], '01k00000000000000'));
    expect(await ask()).toEqual([true, null]);
  });

  it('has a position that is the same for the same values, and another for others', async () => {
    const started = await startRules();
    const positionOf = async (targetingKey: string): Promise<string> =>
      (await post(started, { context: { targetingKey }, flags: ['private', 'public'] })).body.position;
    const [u, v, w] = [await positionOf('u'), await positionOf('v'), await positionOf('w')];
    expect(v).toBe(w);
    expect(u).not.toBe(v);
  });

  it('takes any attribute name for an ordinary one', async () => {
    const started = await startRules();
    const body =
      '{"context":{"targetingKey":"u","__proto__":{"a":1},"constructor":{"prototype":1}},"flags":["__proto__"]}';
    const answer = await post(started, body);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('"__proto__":{"value":true');
  });

  it.each<[string, unknown, number, string, RegExp]>([
    ['no JSON', '{', 400, 'INVALID_BODY', /not JSON/],
    ['an empty body', '', 400, 'INVALID_BODY', /not JSON/],
    ['a list', [], 400, 'INVALID_BODY', /body must be object/],
    ['an unknown member', { flag: 'a' }, 400, 'INVALID_BODY', /additional properties/],
    ['a context that is none', { context: 'u' }, 400, 'INVALID_CONTEXT', /body\/context must be object/],
    ['flags that are no list', { flags: 'a' }, 400, 'INVALID_BODY', /body\/flags must be array/],
    ['flags that are no texts', { flags: [1] }, 400, 'INVALID_BODY', /body\/flags\/0 must be string/],
    ['too many flags', { flags: Array.from({ length: 1_001 }, () => 'a') }, 400, 'INVALID_BODY', /1000 items/],
    ['a targeting key that is none', { context: { targetingKey: {} } }, 400, 'INVALID_CONTEXT', /targetingKey/],
    ['a long targeting key', { context: { targetingKey: 'x'.repeat(513) } }, 400, 'INVALID_CONTEXT', /512/],
    [
      'a deep context',
      { context: { a: JSON.parse('['.repeat(9) + ']'.repeat(9)) } },
      400,
      'INVALID_CONTEXT',
      /8 levels/,
    ],
    [
      'a wide context',
      { context: { a: Array.from({ length: 1_001 }, () => 1) } },
      400,
      'INVALID_CONTEXT',
      /1000 values/,
    ],
    ['a body that is too large', { context: { a: 'x'.repeat(65_536) } }, 413, 'BODY_TOO_LARGE', /65536 bytes/],
  ])('refuses %s and says why', async (_name, body, status, code, message) => {
    const answer = await post(await startRules(), body);
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect(answer.body.error.message).toMatch(message);
  });

  it('takes what just fits', async () => {
    const started = await startRules();
    const deep = JSON.parse('['.repeat(7) + ']'.repeat(7)) as unknown;
    const contexts = [
      { targetingKey: 'x'.repeat(512) },
      { targetingKey: 7 },
      { a: deep },
      { a: Array.from({ length: 999 }, () => 1) },
    ];
    for (const context of contexts) expect((await post(started, { context })).status).toBe(200);
  });

  it('refuses another media type, and whoever has no key before the body is looked at', async () => {
    const started = await startRules();
    expect((await post(started, '<a/>', { type: 'text/xml' })).body.error.code).toBe('MEDIA_TYPE');
    expect(await post(started, '{', { key: '' })).toMatchObject({
      status: 401,
      body: { error: { code: 'KEY_MISSING' } },
    });
    const url = await post(started, '{', { key: '', query: `?key=${KEY}` });
    expect(url).toMatchObject({ status: 403, body: { error: { code: 'KEY_IN_URL' } } });
  });

  it('is not ready before there are flags', async () => {
    const started = await start({ source: { ...memorySource(ruleset(1, [])), start: async () => {} } });
    expect(await post(started, {})).toMatchObject({ status: 503, body: { error: { code: 'NOT_READY' } } });
  });
});
