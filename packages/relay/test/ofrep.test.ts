import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import type { Logger } from '@openfeature/server-sdk';
import { OpenFeature } from '@openfeature/server-sdk';
import { OpenFeature as WebOpenFeature, ProviderEvents } from '@openfeature/web-sdk';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { MemorySource } from '../src/index.ts';
import { memorySource } from '../src/index.ts';
import { flag, ruleset, segment } from './ruleset.ts';
import type { Started } from './start.ts';
import { CLIENT_KEY, KEY, start, until } from './start.ts';

const SILENT: Logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
OpenFeature.setLogger(SILENT);
WebOpenFeature.setLogger(SILENT);
afterAll(async () => {
  await OpenFeature.close();
  await WebOpenFeature.close();
});

const pro = { attr: 'plan', op: 'eq', values: ['pro'] } as const;

async function startFlags(): Promise<Started & { source: MemorySource }> {
  const source = memorySource(
    ruleset(
      1,
      [
        flag('bool', 1, {
          client: true,
          rules: [{ id: 'r', when: pro, serve: { variation: 'on' } }],
          fallthrough: { variation: 'off' },
          metadata: { owner: 'team', tier: 2, live: true },
        }),
        flag('text', 1, {
          type: 'string',
          client: 'evaluated',
          variations: [{ name: 'on', value: 'blue' }],
          off: 'on',
        }),
        flag('number', 1, { type: 'number', variations: [{ name: 'on', value: 7.5 }], off: 'on' }),
        flag('object', 1, { type: 'object', variations: [{ name: 'on', value: { a: [1] } }], off: 'on' }),
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
        flag('with/slash', 1, { enabled: false }),
      ],
      [segment('s', 1, { include: ['u'] })],
    ),
  );
  return { ...(await start({ source })), source };
}

interface Answer {
  readonly status: number;
  readonly etag: string | null;
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

async function post(
  { relay }: Started,
  path: string,
  body?: string,
  headers: Readonly<Record<string, string>> = { authorization: `Bearer ${KEY}` },
): Promise<Answer> {
  const response = await fetch(`${relay.url}/ofrep/v1/evaluate/flags${path}`, {
    method: 'POST',
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const parsed = text === '' ? undefined : (JSON.parse(text) as Readonly<Record<string, unknown>>);
  return { status: response.status, etag: response.headers.get('etag'), body: parsed };
}

const PRO = '{"context":{"targetingKey":"u","plan":"pro"}}';

describe('OFREP, one flag', () => {
  it('answers as the protocol says', async () => {
    const started = await startFlags();
    expect(await post(started, '/bool', PRO)).toMatchObject({
      status: 200,
      body: {
        key: 'bool',
        value: true,
        reason: 'TARGETING_MATCH',
        variant: 'on',
        metadata: { owner: 'team', tier: 2, live: true },
      },
    });
    expect(await post(started, '/with%2Fslash')).toMatchObject({
      status: 200,
      body: { key: 'with/slash', value: false, reason: 'DISABLED', variant: 'off' },
    });
  });

  it.each([
    ['none', '{}', 404, 'FLAG_NOT_FOUND'],
    ['broken', '{}', 400, 'PARSE_ERROR'],
    ['split', '{"context":{}}', 400, 'TARGETING_KEY_MISSING'],
    ['bool', '{', 400, 'PARSE_ERROR'],
    ['bool', '[]', 400, 'PARSE_ERROR'],
    ['bool', '{"context":"u"}', 400, 'INVALID_CONTEXT'],
    ['bool', '{"context":{"targetingKey":[]}}', 400, 'INVALID_CONTEXT'],
  ])('answers for %s and %s with %i %s', async (key, body, status, errorCode) => {
    const answer = await post(await startFlags(), `/${key}`, body);
    expect(answer).toMatchObject({ status, body: { key, errorCode, errorDetails: expect.stringMatching(/^.{15,}$/) } });
    expect(Object.keys(answer.body ?? {}).sort()).toEqual(['errorCode', 'errorDetails', 'key']);
  });

  it('hides from a client key what it may not read', async () => {
    const started = await startFlags();
    const headers = { authorization: `Bearer ${CLIENT_KEY}` };
    expect((await post(started, '/number', '{}', headers)).status).toBe(404);
    expect(await post(started, '/text', '{}', headers)).toMatchObject({ status: 200, body: { value: 'blue' } });
  });

  it('takes the key as X-API-Key too, and says in the form of the protocol when there is none', async () => {
    const started = await startFlags();
    expect((await post(started, '/bool', '{}', { 'x-api-key': KEY })).status).toBe(200);
    for (const [headers, status] of [
      [{}, 401],
      [{ 'x-api-key': 'nobody' }, 401],
    ] as const) {
      const answer = await post(started, '/bool', '{}', headers);
      expect(answer).toMatchObject({ status, body: { errorDetails: expect.any(String) } });
      expect(answer.body).not.toHaveProperty('error');
    }
    const url = await post(started, `/bool?key=${KEY}`, '{}', {});
    expect(url).toMatchObject({ status: 403, body: { errorDetails: expect.any(String) } });
  });
});

describe('OFREP, all flags', () => {
  it('lists a result or a failure for each', async () => {
    const { status, body } = await post(await startFlags(), '', '{"context":{}}');
    expect(status).toBe(200);
    const flags = (body?.['flags'] ?? []) as readonly { key: string; errorCode?: string; value?: unknown }[];
    expect(flags.map(({ key, errorCode, value }) => [key, errorCode ?? value])).toEqual([
      ['bool', false],
      ['text', 'blue'],
      ['number', 7.5],
      ['object', { a: [1] }],
      ['split', 'TARGETING_KEY_MISSING'],
      ['broken', 'PARSE_ERROR'],
      ['with/slash', false],
    ]);
  });

  it('answers 304 until something changes for this context', async () => {
    const started = await startFlags();
    const ask = (tag?: string): Promise<Answer> =>
      post(started, '', PRO, {
        authorization: `Bearer ${KEY}`,
        ...(tag === undefined ? {} : { 'if-none-match': tag }),
      });
    const first = await ask();
    const tag = first.etag ?? '';
    expect(tag).toMatch(/^"[\w-]{22}"$/);
    for (const held of [tag, `W/${tag}`, `"other", ${tag}`]) {
      expect(await ask(held)).toEqual({ status: 304, etag: tag, body: undefined });
    }
    started.source.apply({ version: 2, segments: { s: segment('s', 2, { include: ['v'] }) } });
    expect((await ask(tag)).status).toBe(304);
    started.source.apply({ version: 3, flags: { bool: flag('bool', 3, { enabled: false }) } });
    const changed = await ask(tag);
    expect(changed.status).toBe(200);
    expect(changed.etag).not.toBe(tag);
    const other = await post(started, '', '{"context":{"plan":"free"}}');
    expect(other.etag).not.toBe(changed.etag);
  });

  it.each([
    ['{', 400, 'PARSE_ERROR'],
    ['{"context":[]}', 400, 'INVALID_CONTEXT'],
    [`{"context":{"a":"${'x'.repeat(65_536)}"}}`, 413, 'PARSE_ERROR'],
  ])('refuses a body in the form of the protocol', async (text, status, errorCode) => {
    const { body, ...answer } = await post(await startFlags(), '', text);
    expect(answer.status).toBe(status);
    expect(body).toEqual({ errorCode, errorDetails: expect.any(String) });
  });

  it('says that it is not ready', async () => {
    const started = await start({ source: { ...memorySource(ruleset(1, [])), start: async () => {} } });
    expect(await post(started, '', '{}')).toMatchObject({ status: 503, body: { errorDetails: expect.any(String) } });
  });
});

describe("OpenFeature's own providers", () => {
  it('for servers reads every type of flag, and knows each error', async () => {
    const { relay } = await startFlags();
    const provider = new OFREPProvider({ baseUrl: relay.url, headers: { Authorization: `Bearer ${KEY}` } });
    await OpenFeature.setProviderAndWait('server', provider);
    const client = OpenFeature.getClient('server');
    const context = { targetingKey: 'u', plan: 'pro' };
    expect(await client.getBooleanDetails('bool', false, context)).toMatchObject({
      value: true,
      variant: 'on',
      reason: 'TARGETING_MATCH',
      flagMetadata: { owner: 'team', tier: 2, live: true },
    });
    expect(await client.getStringValue('text', 'red')).toBe('blue');
    expect(await client.getNumberValue('number', 0)).toBe(7.5);
    expect(await client.getObjectValue('object', {})).toEqual({ a: [1] });
    for (const [key, errorCode] of [
      ['none', 'FLAG_NOT_FOUND'],
      ['broken', 'PARSE_ERROR'],
      ['split', 'TARGETING_KEY_MISSING'],
      ['text', 'TYPE_MISMATCH'],
    ] as const) {
      expect(await client.getBooleanDetails(key, true)).toMatchObject({ value: true, reason: 'ERROR', errorCode });
    }
  });

  it('for servers says so when the key is unknown', async () => {
    const { relay } = await startFlags();
    const provider = new OFREPProvider({ baseUrl: relay.url, headers: { 'X-API-Key': 'nobody' } });
    await OpenFeature.setProviderAndWait('stranger', provider);
    const details = await OpenFeature.getClient('stranger').getBooleanDetails('bool', true);
    expect(details).toMatchObject({ value: true, errorCode: 'GENERAL' });
  });

  it('for browsers holds the flags of a context, and follows context and changes', async () => {
    const { relay, source } = await startFlags();
    const statuses: number[] = [];
    const provider = new OFREPWebProvider({
      baseUrl: relay.url,
      headers: [['Authorization', `Bearer ${CLIENT_KEY}`]],
      changeDetection: 'polling',
      pollInterval: 30,
      cacheMode: 'disabled',
      fetchImplementation: async (...[input, init]: Parameters<typeof fetch>) => {
        const response = await fetch(input, init);
        statuses.push(response.status);
        return response;
      },
    });
    onTestFinished(() => WebOpenFeature.clearProviders());
    await WebOpenFeature.setContext('web', { targetingKey: 'u', plan: 'free' });
    // Its type says `hooks?: Hook[] | undefined`, the SDK's `hooks?: Hook[]`.
    await WebOpenFeature.setProviderAndWait('web', Object.assign(provider, { hooks: [] }));
    const client = WebOpenFeature.getClient('web');
    expect(client.getBooleanDetails('bool', true)).toMatchObject({ value: false, reason: 'DEFAULT' });
    expect(client.getStringValue('text', 'red')).toBe('blue');
    expect(client.getNumberDetails('number', 1)).toMatchObject({ value: 1, errorCode: 'FLAG_NOT_FOUND' });
    await WebOpenFeature.setContext('web', { targetingKey: 'u', plan: 'pro' });
    expect(client.getBooleanValue('bool', false)).toBe(true);
    // Polls of what it holds already.
    await until(() => statuses.filter((status) => status === 304).length >= 2);
    const changed: unknown[] = [];
    client.addHandler(ProviderEvents.ConfigurationChanged, (details) => changed.push(details?.flagsChanged));
    source.apply({ version: 2, flags: { bool: flag('bool', 2, { client: true, enabled: false }) } });
    await until(() => changed.length > 0);
    expect(changed[0]).toEqual(['bool']);
    expect(client.getBooleanDetails('bool', true)).toMatchObject({ value: false, reason: 'DISABLED' });
    expect(new Set(statuses)).toEqual(new Set([200, 304]));
  });
});
