import type { EvaluationContext } from '@flags/core';
import { signContext } from '@flags/node';
import { describe, expect, it } from 'vitest';
import { createRelay, memorySource } from '../src/index.ts';
import { openStream } from './reader.ts';
import { flag, ruleset } from './ruleset.ts';
import type { Started } from './start.ts';
import { CLIENT_KEY, KEY, open, start } from './start.ts';

const [NEW, OLD] = ['new-secret-0123456789abcdef-0123', 'old-secret-0123456789abcdef-0123'];
const STRANGER = 'another-secret-0123456789abcdef-01';
const context: EvaluationContext = { targetingKey: 'canary-unit', plan: 'pro' };
const inAnHour = (): Date => new Date(Date.now() + 3_600_000);

const PATHS = ['/v1/evaluate', '/v1/client/stream', '/ofrep/v1/evaluate/flags', '/ofrep/v1/evaluate/flags/public'];

const startSigned = (): Promise<Started> =>
  start({
    source: memorySource(ruleset(1, [flag('public', 1, { client: true })])),
    contextSecrets: [NEW, OLD],
  });

async function ask(
  { relay }: Started,
  path: string,
  signature?: string,
  { key = CLIENT_KEY, body = { context } }: { key?: string; body?: object } = {},
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${relay.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      ...(signature === undefined ? {} : { 'x-flags-context-signature': signature }),
    },
    body: JSON.stringify(body),
  });
  // A stream has no end.
  if (response.ok && path.endsWith('stream')) await response.body?.cancel();
  return { status: response.status, text: response.ok ? '' : await response.text() };
}

describe.each(PATHS)('with contextSecrets %s', (path) => {
  it('answers a client key for what any of the secrets signed', async () => {
    const started = await startSigned();
    for (const secret of [NEW, OLD]) {
      const signature = signContext(context, secret, { expiresAt: inAnHour() });
      expect((await ask(started, path, signature)).status).toBe(200);
    }
    const body = { context: { plan: 'pro', targetingKey: 'canary-unit' } };
    const signature = signContext(context, NEW, { expiresAt: inAnHour() });
    expect((await ask(started, path, signature, { body })).status).toBe(200);
  });

  it('refuses anything else, and says why without quoting it', async () => {
    const started = await startSigned();
    const good = signContext(context, NEW, { expiresAt: inAnHour() });
    const cases: readonly (readonly [string | undefined, object, string, RegExp])[] = [
      [undefined, context, 'SIGNATURE_MISSING', /are signed/],
      ['', context, 'SIGNATURE_WRONG', /does not fit/],
      [good, { ...context, targetingKey: 'another' }, 'SIGNATURE_WRONG', /does not fit/],
      [good, {}, 'SIGNATURE_WRONG', /does not fit/],
      [signContext(context, STRANGER, { expiresAt: inAnHour() }), context, 'SIGNATURE_WRONG', /does not fit/],
      [signContext(context, NEW, { expiresAt: Date.now() - 1_000 }), context, 'SIGNATURE_EXPIRED', /has expired/],
    ];
    for (const [signature, given, code, message] of cases) {
      const { status, text } = await ask(started, path, signature, { body: { context: given } });
      expect([status, text]).toEqual([403, expect.stringMatching(message)]);
      if (!path.startsWith('/ofrep')) expect(JSON.parse(text)).toMatchObject({ error: { code } });
      else expect(JSON.parse(text)).toEqual({ errorDetails: expect.any(String) });
      expect(text).not.toMatch(/canary|v1\.|-secret-/);
    }
    const metrics = await (await started.get('/metrics')).text();
    expect(metrics).toContain('flags_relay_rejects_total{reason="SIGNATURE_MISSING"} 1');
    expect(metrics).toContain('flags_relay_rejects_total{reason="SIGNATURE_WRONG"} 4');
    expect(metrics).toContain('flags_relay_rejects_total{reason="SIGNATURE_EXPIRED"} 1');
  });

  it('asks a server key for none', async () => {
    expect((await ask(await startSigned(), path, undefined, { key: KEY })).status).toBe(200);
  });
});

it('a stream ends when the signature of its context expires', async () => {
  const started = await start({
    source: memorySource(ruleset(1, [flag('public', 1, { client: true })])),
    contextSecrets: [NEW],
    heartbeatMs: 300,
  });
  const expiresAt = (Math.floor(Date.now() / 1_000) + 2) * 1_000;
  const headers = {
    authorization: `Bearer ${CLIENT_KEY}`,
    'x-flags-context-signature': signContext(context, NEW, { expiresAt }),
  };
  const reader = await openStream(`${started.relay.url}/v1/client/stream`, headers, { context });
  open.push(reader);
  expect((await reader.change()).message.type).toBe('VALUES');
  expect((await reader.change()).message).toMatchObject({ type: 'GOODBYE', retry: true });
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
});

it('a secret that could be guessed is refused at start, and not quoted', async () => {
  const creating = createRelay({ source: memorySource(ruleset(1, [])), keys: [KEY], contextSecrets: ['guess-me'] });
  await expect(creating).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(/^(?!.*guess-me).*contextSecrets/s),
  });
});
