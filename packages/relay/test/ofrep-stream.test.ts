import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk';
import { EventSource } from 'eventsource';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { MemorySource } from '../src/index.ts';
import { memorySource } from '../src/index.ts';
import { flag, ruleset } from './ruleset.ts';
import type { Started } from './start.ts';
import { CLIENT_KEY, KEY, open, start, until } from './start.ts';

async function startFlags(prefix = ''): Promise<Started & { source: MemorySource }> {
  const flags = [
    flag('private', 1),
    flag('evaluated', 1, { client: 'evaluated', prerequisites: [{ flag: 'private', variations: ['on'] }] }),
  ];
  const source = memorySource(ruleset(1, flags));
  return { ...(await start({ source, prefix })), source };
}

interface Bulk {
  readonly flags: readonly { readonly key: string; readonly value: unknown }[];
  readonly eventStreams?: readonly { readonly type: string; readonly endpoint: { readonly requestUri: string } }[];
}

async function bulk({ relay }: Started, headers: Readonly<Record<string, string>>, prefix = ''): Promise<Bulk> {
  const response = await fetch(`${relay.url}${prefix}/ofrep/v1/evaluate/flags`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"context":{"targetingKey":"canary-unit"}}',
  });
  return (await response.json()) as Bulk;
}

interface Notice {
  readonly id: string;
  readonly data: { readonly type: string; readonly etag: string; readonly lastModified: number };
}

/** What an EventSource of the address hears. */
function listen(url: string): Notice[] {
  const source = new EventSource(url);
  open.push(source);
  const heard: Notice[] = [];
  source.addEventListener('message', (event) => {
    heard.push({ id: event.lastEventId, data: JSON.parse(String(event.data)) as Notice['data'] });
  });
  return heard;
}

describe("OFREP's event stream", () => {
  it.each([
    ['authorization', `Bearer ${CLIENT_KEY}`, ''],
    ['x-api-key', CLIENT_KEY, '/sync'],
  ])('is named to a client key in %s, by an address without a context', async (name, value, prefix) => {
    const started = await startFlags(prefix);
    const { eventStreams } = await bulk(started, { [name]: value }, prefix);
    expect(eventStreams).toEqual([
      { type: 'sse', endpoint: { requestUri: `${prefix}/ofrep/v1/stream?key=${CLIENT_KEY}` } },
    ]);
    const requestUri = eventStreams?.[0]?.endpoint.requestUri ?? '';
    const heard = listen(new URL(requestUri, started.relay.url).href);
    await until(() => heard.length === 1);
    expect(heard[0]?.data).toEqual({
      type: 'refetchEvaluation',
      etag: heard[0]?.id,
      lastModified: expect.any(Number),
    });
    expect(Math.abs((heard[0]?.data.lastModified ?? 0) - Date.now() / 1_000)).toBeLessThan(60);
  });

  it('is not named to a server key, which never stands in an address', async () => {
    const started = await startFlags();
    expect(await bulk(started, { authorization: `Bearer ${KEY}` })).not.toHaveProperty('eventStreams');
    expect((await started.get(`/ofrep/v1/stream?key=${KEY}`, {})).status).toBe(403);
    const { status, body } = await started.get('/ofrep/v1/stream', {});
    expect(status).toBe(401);
    expect(await new Response(body).json()).toEqual({ errorDetails: expect.any(String) });
  });

  it('speaks when an answer for such a key may be another, and only then', async () => {
    const started = await startFlags();
    const heard = listen(`${started.relay.url}/ofrep/v1/stream?key=${CLIENT_KEY}`);
    await until(() => heard.length === 1);
    started.source.apply({ version: 2, flags: { other: flag('other', 2) } });
    const late = listen(`${started.relay.url}/ofrep/v1/stream?key=${CLIENT_KEY}`);
    await until(() => late.length === 1);
    // Through a flag that the key may not read itself.
    started.source.apply({ version: 3, flags: { private: flag('private', 3, { enabled: false }) } });
    await until(() => heard.length === 2 && late.length === 2);
    expect(heard[1]).toEqual(late[1]);
    expect(heard.map(({ id }) => id.split('.')[1])).toEqual(['1', '3']);
    // A reader that has heard of it is told nothing when it comes back.
    const back = await started.stream(`/ofrep/v1/stream?key=${CLIENT_KEY}`, { 'last-event-id': heard[1]?.id ?? '' });
    expect((await back.next()).message.type).toBe('HEARTBEAT');
  });

  it('makes a relay that is behind look at its source, when a reader was told of more elsewhere', async () => {
    let looks = 0;
    const memory = memorySource(ruleset(3, [flag('public', 1, { client: true })]));
    const refresh = async (): Promise<void> => void (looks += 1);
    const started = await start({ source: { ...memory, refresh } });
    const ask = (etag: string): Promise<Response> =>
      fetch(`${started.relay.url}/ofrep/v1/evaluate/flags?flagConfigEtag=${etag}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
        body: '{}',
      });
    for (const etag of ['nonsense', '01j9zk3w7qx4m2tb.3.00000000']) expect((await ask(etag)).status).toBe(200);
    expect(looks).toBe(0);
    expect((await ask('01j9zk3w7qx4m2tb.4.00000000')).status).toBe(200);
    expect(looks).toBe(1);
  });

  it('speaks when the clock may have changed an answer', async () => {
    const started = await startFlags();
    const from = new Date(Date.now() + 1_000).toISOString();
    const rules = [{ id: 'w', when: { time: { from } }, serve: { variation: 'off' } }];
    started.source.apply({ version: 2, flags: { timed: flag('timed', 2, { client: true, rules }) } });
    const heard = listen(`${started.relay.url}/ofrep/v1/stream?key=${CLIENT_KEY}`);
    await until(() => heard.length === 2);
    expect(heard[0]?.id).not.toBe(heard[1]?.id);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(from));
  });

  describe("with OpenFeature's own provider for browsers", () => {
    // Where it runs there is one; here it is a library of the same interface.
    beforeAll(() => void Object.assign(globalThis, { EventSource }));
    afterAll(async () => {
      await OpenFeature.close();
      Reflect.deleteProperty(globalThis, 'EventSource');
    });

    it('a change arrives without a poll', async () => {
      const { relay, source } = await startFlags();
      const urls: string[] = [];
      const provider = new OFREPWebProvider({
        baseUrl: relay.url,
        headers: [['Authorization', `Bearer ${CLIENT_KEY}`]],
        cacheMode: 'disabled',
        fetchImplementation: async (...[input, init]: Parameters<typeof fetch>) => {
          const response = await fetch(input, init);
          urls.push(response.url);
          return response;
        },
      });
      onTestFinished(() => OpenFeature.clearProviders());
      await OpenFeature.setContext('sse', { targetingKey: 'canary-unit' });
      // Its type says `hooks?: Hook[] | undefined`, the SDK's `hooks?: Hook[]`.
      await OpenFeature.setProviderAndWait('sse', Object.assign(provider, { hooks: [] }));
      const client = OpenFeature.getClient('sse');
      expect(client.getBooleanValue('evaluated', false)).toBe(true);
      // What the stream says at once, in case something changed in between.
      await until(() => urls.length === 2);
      const changed: unknown[] = [];
      client.addHandler(ProviderEvents.ConfigurationChanged, (details) => changed.push(details?.flagsChanged));
      source.apply({ version: 2, flags: { private: flag('private', 2, { enabled: false }) } });
      await until(() => changed.length > 0);
      expect(changed[0]).toEqual(['evaluated']);
      expect(client.getBooleanValue('evaluated', true)).toBe(false);
      expect(urls.at(-1)).toMatch(/\?flagConfigEtag=\w+\.2\.[0-9a-f]{8}&flagConfigLastModified=\d+$/);
      expect(urls.join()).not.toContain('canary');
    });
  });
});
