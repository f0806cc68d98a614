import type { EventBatch } from '@flags/sync';
import { describe, expect, it } from 'vitest';
import { CLIENT_KEY, KEY, start } from './start.ts';

const batch: EventBatch = {
  from: 1_000,
  to: 2_000,
  summaries: [{ flag: 'f1', variation: 'on', version: 1, reason: 'STATIC', count: 3 }],
  exposures: [{ flag: 'f1', variation: 'on', version: 1, experiment: 'x', unit: 'u', at: 1_500 }],
  tracked: [{ name: 'bought', unit: 'u', data: { amount: 2 }, at: 1_600 }],
  dropped: 0,
};

const post = (url: string, body: unknown, key = KEY): Promise<Response> =>
  fetch(`${url}/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('POST /v1/events', () => {
  it('hands a batch on, with the kind of key it came with', async () => {
    const heard: unknown[] = [];
    const { relay } = await start({ onEvents: (...event) => void heard.push(event) });
    expect((await post(relay.url, { ...batch, unknown: 1 })).status).toBe(202);
    expect((await post(relay.url, batch, CLIENT_KEY)).status).toBe(202);
    expect(heard).toEqual([
      [batch, 'server'],
      [batch, 'client'],
    ]);
  });

  it('takes a batch that nobody listens to, and outlives a listener that throws', async () => {
    const silent = await start();
    expect((await post(silent.relay.url, batch)).status).toBe(202);
    const broken = await start({
      onEvents: () => {
        throw new Error('broken');
      },
    });
    expect((await post(broken.relay.url, batch)).status).toBe(202);
  });

  it('asks for a key before it reads the body', async () => {
    const heard: unknown[] = [];
    const { relay } = await start({ onEvents: (taken) => void heard.push(taken) });
    expect((await post(relay.url, '{', 'sk_unknown-unknown')).status).toBe(401);
    expect(heard).toEqual([]);
  });

  it.each([
    ['no JSON', '{'],
    ['a list', []],
    ['no lists', { from: 1, to: 2 }],
    ['a count that is none', { ...batch, summaries: [{ ...batch.summaries[0], count: -1 }] }],
    ['more than fits', { ...batch, tracked: Array.from({ length: 101 }, () => batch.tracked[0]) }],
    ['a unit without end', { ...batch, exposures: [{ ...batch.exposures[0], unit: 'u'.repeat(257) }] }],
  ])('refuses %s', async (_, body) => {
    const heard: unknown[] = [];
    const { relay } = await start({ onEvents: (taken) => void heard.push(taken) });
    const response = await post(relay.url, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'INVALID_BODY' } });
    expect(heard).toEqual([]);
  });

  it('refuses a body that is far too long', async () => {
    const { relay } = await start();
    expect((await post(relay.url, JSON.stringify('x'.repeat(2 * 1024 * 1024)))).status).toBe(413);
  });
});
