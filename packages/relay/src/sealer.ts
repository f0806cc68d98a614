import type { KeyObject } from 'node:crypto';
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { Seal } from '@flags/core';
import type { DigestChange, RootTree } from '@flags/sync';
import { keyIdOf, sealText, updateRoot } from '@flags/sync';
import type { EntryChanges } from './entries.ts';
import { RelayError } from './errors.ts';
import type { RelayOptions } from './options.ts';
import type { RulesetHead, ViewName } from './view.ts';

/** Signs what an environment holds, once for each view and commit. */
export interface Sealer {
  /** What clients pin. */
  readonly publicKey: string;
  /** Follows a view. */
  change(view: ViewName, changes: EntryChanges): void;
  /** The signatures of all views at this head. */
  seals(head: RulesetHead): readonly Seal[];
}

/** The command that makes a key to sign with. */
export const MAKE_KEY = 'flags-relay keys sign-new signing-key.pem';

/** A key that origins sign with. */
interface SigningKey {
  readonly keyId: string;
  /** What clients pin. */
  readonly publicKey: string;
  /** A signature over a text, as base64url. */
  sign(text: string): string;
}

/** Reads an Ed25519 private key in PEM; `undefined` for anything else. */
function parseSigningKey(pem: string): SigningKey | undefined {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    return undefined;
  }
  if (key.asymmetricKeyType !== 'ed25519') return undefined;
  const publicKey = publicKeyOf(createPublicKey(key));
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    sign: (text) => sign(null, Buffer.from(text), key).toString('base64url'),
  };
}

/** Whether a relay can sign with this. */
export function isSigningKey(pem: string): boolean {
  return parseSigningKey(pem) !== undefined;
}

/** Makes a key to sign with: the private one in PEM, and the public one that clients pin. */
export function generateSigningKey(): { readonly pem: string; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { pem: String(privateKey.export({ format: 'pem', type: 'pkcs8' })), publicKey: publicKeyOf(publicKey) };
}

function publicKeyOf(key: KeyObject): string {
  return key.export({ format: 'jwk' }).x ?? '';
}

/** What signs a relay's commits, where it has a key. Throws `INVALID_OPTION` when that cannot be used. */
export function sealerOf({ signingKey, source }: RelayOptions): Sealer | undefined {
  if (signingKey === undefined) return undefined;
  if (source.isCopy === true) {
    throw new RelayError(
      'INVALID_OPTION',
      'signingKey is for relays whose flags begin there. This one serves what another holds: leave the key out, signatures pass through.',
    );
  }
  const key = parseSigningKey(signingKey);
  if (key !== undefined) return createSealer(key);
  throw new RelayError('INVALID_OPTION', `signingKey is no Ed25519 private key in PEM. Make one: ${MAKE_KEY}`);
}

/** Creates what signs an environment's commits. The digests of its entries are believed. */
function createSealer(key: SigningKey): Sealer {
  const trees = new Map<ViewName, RootTree>();
  return {
    publicKey: key.publicKey,
    change: (view, { flags, segments }) => {
      const changes: DigestChange[] = [];
      for (const [name, flag] of flags) changes.push(['flag', name, flag?.digest]);
      for (const [name, segment] of segments) changes.push(['segment', name, segment?.digest]);
      const tree = updateRoot(trees.get(view), changes, sha256);
      // The hash above is there at once.
      if (!(tree instanceof Promise)) trees.set(view, tree);
    },
    seals: ({ environment, epoch, version }) =>
      Array.from(trees, ([view, { root }]) => {
        const state = { view, version, root, keyId: key.keyId };
        return { ...state, signature: key.sign(sealText({ ...state, environment, epoch })) };
      }),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
