import { FlagsError } from '@flags/sync';
import type { RequestFlags } from './request-flags.ts';

/** What each flag may give, by key; the first is what stands for anything else. */
export type Choices = Readonly<Record<string, readonly [unknown, ...(readonly unknown[])]>>;

/** One value for each key. */
export type Chosen<Of extends Choices> = { readonly [Key in keyof Of]: Of[Key][number] };

/** Static pages by what flags give: one for each combination, under a path segment that cannot be made up. */
export interface Precomputed<Of extends Choices> {
  /** The segment for the flags of a request, which count as read. Of letters, digits, `-` and `_`. Never rejects for what flags give. */
  encode(flags: Pick<RequestFlags<object>, 'value'>): Promise<string>;
  /** What a segment stands for; `undefined` for one that was made up, or is of other choices or another secret. Never rejects. */
  decode(segment: unknown): Promise<Chosen<Of> | undefined>;
  /** The segments of all combinations, to build their pages. */
  segments(): Promise<readonly string[]>;
}

/** What signs segments. */
export interface PrecomputeOptions {
  /** At least 32 characters, the same where segments are made and read: `openssl rand -hex 32`. */
  readonly secret: string;
}

const MIN_SECRET_LENGTH = 32;
/** One character of a segment for each flag. */
const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_';
// 96 bits: nobody tries as many addresses.
const MAC_LENGTH = 16;
const MOST_SEGMENTS = 4_096;

/**
 * Prepares pages for what these flags may give. A segment is a character for each flag, and a MAC over those and the choices
 * (HMAC-SHA256, 96 bits of it in base64url): when choices change, old segments stand for nothing.
 *
 * @throws {FlagsError} `INVALID_ARGUMENT` for a secret that could be guessed, or choices that are none or too many.
 */
export function precompute<const Of extends Choices>(choices: Of, { secret }: PrecomputeOptions): Precomputed<Of> {
  const lists = new Map<string, readonly unknown[]>();
  let combinations = 1;
  for (const [key, values] of Object.entries<readonly unknown[]>(choices)) {
    if (!Array.isArray(values) || values.length === 0 || values.length > DIGITS.length) {
      throw invalid('choices', `The choices of "${key}" are none, or too many.`, `List 1 to ${DIGITS.length} values.`);
    }
    lists.set(key, values);
    combinations *= values.length;
  }
  if (typeof secret !== 'string' || secret.length < MIN_SECRET_LENGTH) {
    throw invalid(
      'secret',
      'The secret could be guessed.',
      `Use ${MIN_SECRET_LENGTH} characters or more, e.g. from: openssl rand -hex 32`,
    );
  }
  const schema = JSON.stringify([...lists]);
  const texts = new Map([...lists].map(([key, values]) => [key, values.map((value) => JSON.stringify(value))]));
  let imported: ReturnType<typeof crypto.subtle.importKey> | undefined;

  async function sign(digits: string): Promise<string> {
    // Later than at creation: outside of a request, runtimes forbid it.
    imported ??= crypto.subtle.importKey('raw', utf8(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    const mac = await crypto.subtle.sign('HMAC', await imported, utf8(`flags-precompute.v1\n${schema}\n${digits}`));
    const base64 = btoa(String.fromCharCode(...new Uint8Array(mac)));
    return digits + base64.slice(0, MAC_LENGTH).replaceAll('+', '-').replaceAll('/', '_');
  }

  async function encode(flags: Pick<RequestFlags<object>, 'value'>): Promise<string> {
    let digits = '';
    for (const [key, values] of texts) {
      const given = JSON.stringify(flags.value(key as never, null as never));
      digits += DIGITS.charAt(Math.max(0, values.indexOf(given)));
    }
    return sign(digits);
  }

  async function decode(segment: unknown): Promise<Chosen<Of> | undefined> {
    if (typeof segment !== 'string' || segment.length !== lists.size + MAC_LENGTH) return undefined;
    const digits = segment.slice(0, lists.size);
    if (!isEqual(segment, await sign(digits))) return undefined;
    // Only what was encoded has this MAC.
    return Object.fromEntries(
      [...lists].map(([key, values], index) => [key, values[DIGITS.indexOf(digits.charAt(index))]]),
    ) as Chosen<Of>;
  }

  async function segments(): Promise<readonly string[]> {
    if (combinations > MOST_SEGMENTS) {
      throw invalid('choices', `They have ${combinations} combinations.`, `Build pages for at most ${MOST_SEGMENTS}.`);
    }
    let all = [''];
    for (const values of lists.values()) {
      all = all.flatMap((start) => values.map((_, index) => start + DIGITS.charAt(index)));
    }
    return Promise.all(all.map(sign));
  }

  return { encode, decode, segments };
}

/** Compares texts of one length in a time that says nothing of where they differ. */
function isEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < a.length; index += 1) difference |= a.charCodeAt(index) ^ b.charCodeAt(index);
  return difference === 0;
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  // Of its own buffer in the eyes of every platform's types.
  return new Uint8Array(new TextEncoder().encode(text));
}

function invalid(name: string, what: string, fix: string): FlagsError {
  return new FlagsError('INVALID_ARGUMENT', name, what, fix);
}
