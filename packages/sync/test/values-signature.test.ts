import { expect, test, vi } from 'vitest';
import type { EvaluationContext } from '@flags/core';
import { answer, reading, setupValues } from './values.ts';
import type { ValuesSetup } from './values.ts';

const HEADER = 'x-flags-context-signature';
const signatureOf = ({ transport }: ValuesSetup): string | undefined =>
  transport.last('stream').request.headers[HEADER];
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

test('a signature goes with its context, and with no other', () => {
  const made = setupValues({ contextSignature: 'v1.by-ann' });
  expect(signatureOf(made)).toBe('v1.by-ann');
  void made.client.setContext({ targetingKey: 'bob' });
  expect(signatureOf(made)).toBeUndefined();
});

test('a function signs each context once, and anew when the relay refuses', async () => {
  let made = 0;
  const sign = vi.fn<(context: EvaluationContext) => Promise<string>>(async ({ targetingKey }) =>
    [targetingKey, ++made].join('-'),
  );
  const setup = setupValues({ contextSignature: sign });
  expect(setup.transport.requests).toHaveLength(0);
  await settle();
  expect(signatureOf(setup)).toBe('ann-1');
  setup.transport.last('stream').respond({ status: 403 });
  setup.clock.advance(0);
  await settle();
  expect(signatureOf(setup)).toBe('ann-2');
  answer(setup, 1, { a: reading(1) });
  setup.transport.last('stream').end();
  setup.clock.advance(2_000);
  expect(setup.transport.requests).toHaveLength(3);
  expect(signatureOf(setup)).toBe('ann-2');
  void setup.client.setContext({ targetingKey: 'bob' });
  await settle();
  expect(signatureOf(setup)).toBe('bob-3');
});

test('a context that was refused is given up for the next at once', async () => {
  const setup = setupValues({ contextSignature: 'v1.wrong' });
  setup.transport.last('stream').respond({ status: 403 });
  expect(setup.client.status()).toMatchObject({ state: 'failed', reason: 'auth' });
  void setup.client.setContext({ targetingKey: 'bob' });
  expect(setup.transport.requests).toHaveLength(2);
  answer(setup, 1, { a: reading(1) });
  expect(setup.client.status()).toMatchObject({ state: 'live', reason: undefined });
});

test('a signature that comes for a context that is gone sends nothing', async () => {
  const waiting: ((signature: string) => void)[] = [];
  const setup = setupValues({ contextSignature: () => new Promise((resolve) => waiting.push(resolve)) });
  void setup.client.setContext({ targetingKey: 'bob' });
  await settle();
  waiting[0]?.('for-ann');
  await settle();
  expect(setup.transport.requests).toHaveLength(0);
  waiting[1]?.('for-bob');
  await settle();
  expect(setup.transport.requests).toHaveLength(1);
  expect(signatureOf(setup)).toBe('for-bob');
  expect(setup.transport.last('stream').request.body).toContain('bob');
});

test('a function that gives none is a problem, and no crash', async () => {
  const setup = setupValues({ contextSignature: () => Promise.reject(new Error('secret')) });
  await settle();
  expect(setup.transport.requests).toHaveLength(0);
  expect(setup.client.status().message).toContain('contextSignature');
  expect(setup.logged.join()).not.toContain('secret');
});
