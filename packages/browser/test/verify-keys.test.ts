import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { compileRuleset } from '@flags/core';
import { canonicalize, holdRuleset, sealText, updateRoot } from '@flags/sync';
import type { HeldState } from '@flags/sync';
import { afterEach, expect, test, vi } from 'vitest';
import { verifyKeys } from '../src/index.ts';

afterEach(() => vi.unstubAllGlobals());

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const pem = String(publicKey.export({ format: 'pem', type: 'spki' }));
const bare = publicKey.export({ format: 'jwk' }).x ?? '';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function signed(): Record<string, unknown> {
  const content = { key: 'a', type: 'boolean', enabled: true, variations: [{ name: 'on', value: true }], off: 'on' };
  const flag = { ...content, rules: [], fallthrough: { variation: 'on' } };
  const digest = sha256(canonicalize(flag));
  const tree = updateRoot(undefined, [['flag', 'a', digest]], sha256);
  if (tree instanceof Promise) throw new Error('this hash is there at once');
  const { root } = tree;
  const state = {
    view: 'client',
    environment: 'test',
    epoch: 'e1',
    version: 1,
    root,
    keyId: bare.slice(0, 16),
  } as const;
  const signature = sign(null, Buffer.from(sealText(state)), privateKey).toString('base64url');
  const flags = { a: { ...flag, version: 1, digest } };
  return {
    format: 1,
    environment: 'test',
    epoch: 'e1',
    version: 1,
    flags,
    segments: {},
    seals: [{ ...state, signature }],
  };
}

async function admit(json: unknown, keys: readonly string[]): Promise<string> {
  const held: HeldState = holdRuleset(compileRuleset(json));
  const warned: string[] = [];
  let admitted: HeldState | undefined;
  const logger = { info: () => {}, warn: (text: string) => void warned.push(text) };
  await verifyKeys(keys)('ck_1').admit({ cache: held }, logger, (_none, cache) => (admitted = cache));
  return admitted === undefined ? warned.join() : 'admitted';
}

test('takes what a pinned key signed, as PEM or bare, by the crypto that browsers have', async () => {
  for (const key of [pem, bare]) expect(await admit(signed(), [key])).toBe('admitted');
});

test('refuses what was changed, and what another key signed', async () => {
  const other = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }).x ?? '';
  expect(await admit(signed(), [other])).toContain('not pinned');
  // Its first half is that of the right one: the name alone makes no key.
  expect(await admit(signed(), [bare.slice(0, 16) + other.slice(16)])).toContain('not');
  const { seals, ...rest } = signed();
  const [seal] = seals as [Record<string, string>];
  const forged = `${seal['signature']?.startsWith('A') === true ? 'B' : 'A'}${seal['signature']?.slice(1)}`;
  expect(await admit({ ...rest, seals: [{ ...seal, signature: forged }] }, [bare])).toContain('not of the pinned key');
});

test('verifies nothing where the platform cannot, and says so', async () => {
  vi.stubGlobal('crypto', {});
  expect(await admit(signed(), [bare])).toContain('cannot be checked');
});

test.each([[[]], [['short']], [[pem.replace('MCow', 'MCox')]]])('refuses %j as keys', (keys) => {
  expect(() => verifyKeys(keys)).toThrow(/verifyKeys/);
});
