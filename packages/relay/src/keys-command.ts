import { writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Command, Option } from 'commander';
import { generateSigningKey } from './sealer.ts';
import type { KeyKind } from './keys/key.ts';
import { generateKey, hashKey, isKey, KEY_KINDS, keyIdOf, kindOf } from './keys/key.ts';

/** `flags-relay keys`: what people need to keep keys as hashes, and to sign flags. */
export function keysCommand(fail: (message: string) => void): Command {
  const keys = new Command('keys').description('make keys, and hash them for the configuration');
  keys
    .command('new')
    .description('print a new key, and what to write under keys in the configuration for it')
    .addOption(new Option('--kind <kind>', 'what it may do').choices(KEY_KINDS).default('server'))
    .action(({ kind }: { readonly kind: KeyKind }) => {
      const key = generateKey(kind);
      process.stdout.write(`key: ${key}\n${entryOf(key)}`);
    });
  keys
    .command('hash')
    .description('read a key from standard input, and print what to write under keys in the configuration for it')
    .action(async () => {
      const key = (await text(process.stdin)).trim();
      if (!isKey(key)) return fail('What came on standard input is no key: visible ASCII without spaces and commas.');
      process.stdout.write(entryOf(key));
    });
  keys
    .command('sign-new')
    .argument('<file>', 'where to put the private key; only its owner may read it')
    .description('make a key that signs the flags, and print the public one, which clients pin')
    .action(async (file: string) => {
      const { pem, publicKey } = generateSigningKey();
      try {
        await writeFile(file, pem, { mode: 0o600, flag: 'wx' });
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
        return fail(`"${file}" cannot be written (${code}). Name a file that is not there yet.`);
      }
      process.stdout.write(`verifyKey: ${publicKey}\n`);
    });
  return keys;
}

function entryOf(key: string): string {
  const hash = hashKey(key);
  return `id: ${keyIdOf(hash)}\nsha256: ${hash}\nkind: ${kindOf(key)}\n`;
}
