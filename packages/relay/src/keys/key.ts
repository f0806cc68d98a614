import { createHash, randomBytes } from 'node:crypto';

/**
 * `server`: secret, reads everything, only ever in a header. `client`: public, reads what is marked for clients, may stand in
 * the URL. `admin`: secret, reads no flags; it opens what operators need.
 */
export type KeyKind = 'server' | 'client' | 'admin';

/** All of them. */
export const KEY_KINDS: readonly KeyKind[] = ['server', 'client', 'admin'];

const PREFIXES: Readonly<Record<KeyKind, string>> = { server: 'sk_', client: 'ck_', admin: 'ad_' };
const KEY_PATTERN = /^[\x21-\x2b\x2d-\x7e]+$/;

/** The kind that the prefix of a key names; `undefined` when it has none of ours. */
export function prefixKind(key: string): KeyKind | undefined {
  return KEY_KINDS.find((kind) => key.startsWith(PREFIXES[kind]));
}

/** The kind of a key that nothing else is said about: what its prefix names, else a server key. */
export function kindOf(key: string): KeyKind {
  return prefixKind(key) ?? 'server';
}

/** Whether a text can be a key at all: visible ASCII without spaces and commas, so that it fits headers and lists. */
export function isKey(text: string): boolean {
  return KEY_PATTERN.test(text);
}

/** The SHA-256 of a key in hex. What is this random needs no slow hash. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Names a key in logs and limits without being one: the first 12 digits of its hash. */
export function keyIdOf(hash: string): string {
  return hash.slice(0, 12);
}

/** A new key: the prefix of its kind and 192 random bits. A client key is public, but nobody finds it by guessing. */
export function generateKey(kind: KeyKind): string {
  return `${PREFIXES[kind]}${randomBytes(24).toString('base64url')}`;
}

/** A new server key: 192 random bits. */
export function generateServerKey(): string {
  return generateKey('server');
}

/** A new client key: 192 random bits. */
export function generateClientKey(): string {
  return generateKey('client');
}

/** A new admin key: 192 random bits. */
export function generateAdminKey(): string {
  return generateKey('admin');
}
