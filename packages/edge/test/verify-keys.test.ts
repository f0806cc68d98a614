import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { compileRuleset, xxh32 } from '@flags/core';
import { formatEnvelope, formatPosition, formatSnapshot, holdRuleset, sealText, updateRoot } from '@flags/sync';
import { expect, test } from 'vitest';
import { verifyKeys } from '../src/index.ts';
import { createFakeKv, createFakeRelay, createWorld, ruleset, settle } from './world.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const bare = publicKey.export({ format: 'jwk' }).x ?? '';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function signed(version: number, value: string): ReturnType<typeof ruleset> {
  const state = ruleset(version, value);
  const tree = updateRoot(undefined, [['flag', 'a', state.flags['a']?.digest]], sha256);
  if (tree instanceof Promise) throw new Error('this hash is there at once');
  const seal = { view: 'server', version, root: tree.root, keyId: bare.slice(0, 16) } as const;
  const text = sealText({ ...seal, environment: state.environment, epoch: state.epoch });
  const signature = sign(null, Buffer.from(text), privateKey).toString('base64url');
  return { ...state, seals: [{ ...seal, signature }] };
}

const verify = verifyKeys([bare]);

test('with pinned keys only signed rules are used: of the build, the relay, and a store', async () => {
  const kv = createFakeKv();
  const relay = createFakeRelay(signed(2, 'two'));
  const { read, isolate, edge } = createWorld({ verify, kv, bootstrap: signed(1, 'one') }, relay);
  expect(await read()).toBe('one');
  await settle();
  await expect.poll(read).toBe('two');
  await expect.poll(() => kv.entries.size).toBe(2);
  const cold = isolate({ mode: 'offline', bootstrap: undefined });
  expect(await cold.read()).toBe('two');
  // Someone edits a flag, and knows how sums are made.
  const edited = holdRuleset(compileRuleset({ ...signed(3, 'two'), flags: ruleset(3, 'evil').flags }));
  const position = formatPosition(edited.position);
  const sum = (text: string): string => xxh32(text).toString(16);
  kv.entries.set(`server/rs/${position}`, formatSnapshot(edited, '', sum));
  kv.entries.set('server/head', JSON.stringify({ position, at: Date.now() }));
  const warnings: string[] = [];
  const logger = { info: () => {}, warn: (text: string) => void warnings.push(text) };
  const fooled = isolate({ mode: 'offline', bootstrap: signed(1, 'one'), logger });
  await fooled.read();
  await expect.poll(() => warnings.length).toBe(1);
  expect(await fooled.read()).toBe('one');
  expect(warnings[0]).toContain('the flags do not add up to what was signed');
  expect(await isolate({ mode: 'offline', bootstrap: undefined, verify: undefined, logger }).read()).toBe('evil');
  expect(edge.status().position).toMatch(/^e1\.2\./);
});

test('with pinned keys a relay that signs nothing brings nothing', async () => {
  const { read, edge } = createWorld({ verify });
  expect(await read()).toBe('default');
  expect(edge.status().problem).toBe('it is not signed as what server keys are shown');
});

test('an old state that is signed brings nobody back, whatever the relay says its version is', async () => {
  const old = signed(1, 'one');
  const { position } = holdRuleset(compileRuleset(old));
  const text = formatEnvelope({
    type: 'FULL_SYNC',
    position: { ...position, version: 9 },
    reason: 'initial',
    ruleset: { ...old, version: 9 },
  });
  const { read } = createWorld({ verify, bootstrap: signed(2, 'two'), fetch: async () => new Response(text) });
  expect(await read()).toBe('two');
  await settle();
  await new Promise((resolve) => void setTimeout(resolve, 50));
  expect(await read()).toBe('two');
});
