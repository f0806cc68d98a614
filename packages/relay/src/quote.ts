import { basename } from 'node:path';

/** A key with the prefix of its kind, whoever it is good for. */
const KEY_SHAPE = /(?:^|[^A-Za-z0-9])(?:sk|ck|ad)_[\w-]{8,}/;
/** Random texts are long and have digits; a long word without any is a passphrase at best from here on. */
const RANDOM_LENGTH = 16;
const LETTERS_LENGTH = 24;

/** Whether a text has the prefix and the length of a key, and is nothing else. What is no key is then a key in the wrong place. */
export function isKeyShaped(text: string): boolean {
  return /^(?:sk|ck|ad)_[\w-]{16,}$/.test(basename(text.trim()));
}

/** What a problem says was found: in one short line, and never what looks like a key, a secret or a private key. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  if (looksSecret(text)) return '(not shown: it looks like a key)';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** The same of the path of a file, whose directories may have any name but one with the marks of base64 or a password. */
export function quotedPath(path: string): string {
  return looksSecret(basename(path)) || /[+=]|:[^/]*@/.test(path) ? '(not shown: it looks like a key)' : `"${path}"`;
}

/** A member's name in a place such as `keys[0].kind`. Ours are shorter, or have no digits. */
export function quotedName(name: string): string {
  return looksSecret(name) ? '(not shown)' : name;
}

function looksSecret(text: string): boolean {
  if (KEY_SHAPE.test(text) || text.includes('PRIVATE KEY') || /\/\/[^/\s]*@/.test(text)) return true;
  // Base64 has slashes, so what has no other mark of a path or an address counts as one.
  const pieces = [...text.split(/[^\w+=~-]+/), ...text.split(/[^\w+/=~-]+/).filter((piece) => /[A-Z]/.test(piece))];
  return pieces.some((piece) => piece.length >= (/\d/.test(piece) ? RANDOM_LENGTH : LETTERS_LENGTH));
}
