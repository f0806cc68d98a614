import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfig } from '../src/config/parse.ts';
import { printConfig } from '../src/config/print.ts';
import type { CliOptions } from '../src/config/sources.ts';
import { generateSigningKey } from '../src/sealer.ts';
import { directory } from './directory.ts';

const KEY = 'sk_0123456789abcdef';

test('the command takes keys to sign with and to check, and shows none of the private one', async () => {
  const { pem, publicKey } = generateSigningKey();
  const signingKey = join(await directory(), 'signing-key.pem');
  await writeFile(signingKey, pem);
  const signed = await parseConfig({ flags: 'a', signingKey }, {}, false);
  expect(signed).toMatchObject({ config: { signingKey: pem } });
  const inline = await parseConfig({ flags: 'a' }, { FLAGS_RELAY_SIGNING_KEY: pem.replaceAll('\n', '\\n') }, false);
  expect(inline).toMatchObject({ config: { signingKey: pem } });
  const text = inline.ok ? printConfig(inline.config) : '';
  expect(text).toContain('signingKey: (secret)');
  expect(text).not.toContain('PRIVATE');
  const env = { FLAGS_RELAY_UPSTREAM_KEY: KEY, FLAGS_RELAY_VERIFY_KEYS: publicKey };
  const checking = await parseConfig({ upstream: 'https://a.example' }, env, false);
  expect(checking).toMatchObject({ config: { settings: { verifyKeys: [publicKey] } } });
  const wrong: [CliOptions, Record<string, string>, RegExp][] = [
    [{ flags: 'a', signingKey: '/nowhere' }, {}, /^--signing-key: "\/nowhere" cannot be read/],
    [{ flags: 'a' }, { FLAGS_RELAY_SIGNING_KEY: 'secret-nonsense' }, /^FLAGS_RELAY_SIGNING_KEY: .*keys sign-new/],
    [{ upstream: 'https://a.example', signingKey }, env, /^--signing-key: only a relay with --flags signs/],
    [{ flags: 'a', verifyKey: [publicKey] }, {}, /^--verify-key: only a relay that follows another/],
    [{ flags: 'a', verifyKey: ['short'] }, {}, /^--verify-key: .*43 characters/],
  ];
  for (const [options, variables, expected] of wrong) {
    const parsed = await parseConfig(options, variables, false);
    expect(parsed.ok ? '' : parsed.problems[0]).toMatch(expected);
    expect(JSON.stringify(parsed)).not.toContain('secret-nonsense');
  }
});
