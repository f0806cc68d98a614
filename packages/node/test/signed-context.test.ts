import { expect, it } from 'vitest';
import type { EvaluationContext } from '../src/index.ts';
import { proveContext, signContext } from '../src/index.ts';

const SECRET = '0123456789abcdef0123456789abcdef';
const OTHER = 'fedcba9876543210fedcba9876543210';
const EXPIRY = Date.parse('2026-01-01T00:00:00Z');
const BEFORE = EXPIRY - 1;

// Computed with Python: hmac.new(secret, b'flags-context.v1\n1767225600\n' + canonical, 'sha256').
it.each<[EvaluationContext, string]>([
  [{}, 'v1.1767225600.J02f_fbY0A_vYycYOsCHrA5XG7fEJCQPQBJAFAWjyUQ'],
  [{ targetingKey: 'user-1', plan: 'pro' }, 'v1.1767225600.06cWZJHHwmxbnecCWuM7qhyDRkewhvqVnvOCvzbrvnM'],
  [
    { b: [3, { z: 1, a: null }], a: { '€': 'é"\n', '10': true, '9': 1e21 } },
    'v1.1767225600.q6Hn5UllxJZLUwWawO5O9X7w23aK23nbJKtw-dKzXzE',
  ],
])('%j has the signature that any language computes', (context, signature) => {
  expect(signContext(context, SECRET, { expiresAt: EXPIRY })).toBe(signature);
  expect(proveContext(context, signature, [SECRET], BEFORE)).toEqual({ until: EXPIRY });
});

it('the order of members does not matter, every value does', () => {
  const signature = signContext({ targetingKey: 'u', org: { id: 1, tier: 'a' } }, SECRET, { expiresAt: EXPIRY });
  const prove = (context: EvaluationContext): object => proveContext(context, signature, [SECRET], BEFORE);
  expect(prove({ org: { tier: 'a', id: 1 }, targetingKey: 'u' })).toEqual({ until: EXPIRY });
  for (const context of [
    {},
    { targetingKey: 'v', org: { id: 1, tier: 'a' } },
    { targetingKey: 'u', org: { id: '1', tier: 'a' } },
    { targetingKey: 'u', org: { id: 1, tier: 'a' }, more: null },
    JSON.parse('{"targetingKey":"u","org":{"id":1,"tier":"a"},"__proto__":{}}') as EvaluationContext,
  ]) {
    expect(prove(context)).toEqual({ problem: 'wrong' });
  }
});

it('dates and what is undefined are signed as they go over the wire', () => {
  const since = new Date(EXPIRY);
  const signature = signContext({ targetingKey: 'u', since, plan: undefined }, SECRET, { expiresAt: since });
  expect(proveContext({ targetingKey: 'u', since: since.toISOString() }, signature, [SECRET], BEFORE)).toEqual({
    until: EXPIRY,
  });
});

it('any of several secrets will do, so that they can be changed without a gap', () => {
  const signature = signContext({}, OTHER, { expiresAt: EXPIRY });
  expect(proveContext({}, signature, [SECRET, OTHER], BEFORE)).toEqual({ until: EXPIRY });
  expect(proveContext({}, signature, [SECRET], BEFORE)).toEqual({ problem: 'wrong' });
  expect(proveContext({}, signature, [], BEFORE)).toEqual({ problem: 'wrong' });
});

it('a signature ends with its second, and its expiry cannot be edited', () => {
  const signature = signContext({}, SECRET, { expiresAt: EXPIRY + 999 });
  expect(proveContext({}, signature, [SECRET], EXPIRY)).toEqual({ problem: 'expired' });
  const longer = signature.replace('1767225600', '1767225601');
  expect(proveContext({}, longer, [SECRET], BEFORE)).toEqual({ problem: 'wrong' });
});

it.each(['', 'v1', 'v1..', 'v1.1767225600.', 'v2.1767225600.x', 'v1.01767225600.x', 'v1.1767225600.é', '\0'])(
  'the text %j proves nothing',
  (signature) => {
    expect(proveContext({}, signature, [SECRET], BEFORE)).toEqual({ problem: 'wrong' });
  },
);

it.each([
  ['short', EXPIRY, 'secret'],
  [SECRET, Number.NaN, 'expiresAt'],
  [SECRET, -1, 'expiresAt'],
  [SECRET, new Date('never'), 'expiresAt'],
])('refuses what makes no signature', (secret, expiresAt, subject) => {
  const sign = (): string => signContext({}, secret, { expiresAt });
  expect(sign).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', subject }) as Error);
  expect(sign).not.toThrow(secret);
});
