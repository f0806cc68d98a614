import { z } from 'zod';
import type { InputProblem } from '../input-problems.ts';
import { inputProblems } from '../input-problems.ts';
import type { KeyLimits, Loose } from '../limits.ts';
import { keyLimitsSchema } from '../limits.ts';
import { isKeyShaped } from '../quote.ts';
import type { KeyKind } from './key.ts';
import { hashKey, isKey, keyIdOf, kindOf, prefixKind } from './key.ts';

/** A key and what it may do. Either `key` or `sha256` is there. */
export interface RelayKey {
  readonly key?: string;
  /** The SHA-256 of the key in hex, so that the key itself is kept nowhere. `kind` has to be there, too. */
  readonly sha256?: string;
  /** What the key's prefix says when absent. */
  readonly kind?: KeyKind;
  /** For logs. */
  readonly name?: string;
  /** RFC 3339; the key opens nothing before. */
  readonly notBefore?: string;
  /** RFC 3339; the key opens nothing from then on, and its streams end. */
  readonly expiresAt?: string;
  /** Client keys: the origins whose pages may read with it, e.g. `https://shop.example`; `*` for all. The relay's `origins` when absent. */
  readonly origins?: readonly string[];
  /** How many streams may be open with it at once. */
  readonly maxStreams?: number;
  /** Where its rates differ from the relay's. */
  readonly limits?: Loose<KeyLimits>;
}

/** Whose key a request came with. */
export interface Holder {
  /** Names the key in logs and limits, and is no secret. */
  readonly keyId: string;
  readonly kind: KeyKind;
  readonly name?: string;
  readonly origins?: readonly string[];
  readonly maxStreams?: number;
  readonly limits?: Loose<KeyLimits>;
}

/** A key as it is held: by its hash alone. */
export interface KnownKey extends Holder {
  /** SHA-256 in hex. */
  readonly hash: string;
  /** Epoch milliseconds; infinite where there is no bound. */
  readonly from: number;
  readonly until: number;
}

/** Keys, or everything that is wrong with them. */
export type ParsedKeys =
  | { readonly ok: true; readonly keys: readonly KnownKey[] }
  | { readonly ok: false; readonly problems: readonly InputProblem[] };

/** Shorter ones can be guessed over a network. */
const MIN_SECRET_LENGTH = 16;
const KEY_FIX = 'Use visible ASCII characters without spaces and commas, e.g. what "flags-relay keys new" prints.';
const HASH_FIX = 'Give the SHA-256 of the key: 64 hexadecimal digits, e.g. from "flags-relay keys hash".';
const KIND_FIX = 'Give server, client or admin.';
const NAME_FIX = 'Give a text of 1 to 64 characters.';
const INSTANT_FIX = 'Give a date and time with an offset, e.g. 2030-01-31T00:00:00Z.';
const ORIGIN_FIX = 'Give scheme, host and port as browsers send them, e.g. https://shop.example, without a path; or *.';
const STREAMS_FIX = 'Give a whole number from 1 on.';

/** An entry of an allow-list for CORS. */
export const originSchema: z.ZodType<string, string> = z
  .string({ error: ORIGIN_FIX })
  .refine((text) => text === '*' || (URL.canParse(text) && new URL(text).origin === text), { error: ORIGIN_FIX });

const fields: z.ZodType<Loose<RelayKey>> = z.strictObject({
  key: z.string({ error: KEY_FIX }).refine(isKey, { error: KEY_FIX }).optional(),
  sha256: z
    .string({ error: HASH_FIX })
    .regex(/^[0-9a-fA-F]{64}$/, { error: HASH_FIX })
    .optional(),
  kind: z.enum(['server', 'client', 'admin'], { error: KIND_FIX }).optional(),
  // A name is logged.
  name: z
    .string({ error: NAME_FIX })
    .min(1, { error: NAME_FIX })
    .max(64, { error: NAME_FIX })
    .refine((name) => !isKeyShaped(name), { error: NAME_FIX })
    .optional(),
  notBefore: z.iso.datetime({ offset: true, error: INSTANT_FIX }).optional(),
  expiresAt: z.iso.datetime({ offset: true, error: INSTANT_FIX }).optional(),
  origins: z.array(originSchema, { error: ORIGIN_FIX }).optional(),
  maxStreams: z.int({ error: STREAMS_FIX }).min(1, { error: STREAMS_FIX }).optional(),
  limits: keyLimitsSchema.optional(),
});

/** Keys as a configuration writes them: a text is a key, too. */
export const keysSchema: z.ZodType<readonly (string | Loose<RelayKey>)[]> = z.array(
  z.union([z.string({ error: KEY_FIX }).refine(isKey, { error: KEY_FIX }), fields], {
    error: 'Give a key, or an object with key or sha256.',
  }),
  { error: 'Give a list of keys.' },
);

/** Checks keys and hashes them. Problems never quote one: it may be a secret with a slip of the pen in it. */
export function parseKeys(input: readonly unknown[]): ParsedKeys {
  const parsed = keysSchema.safeParse(input);
  if (!parsed.success) {
    return { ok: false, problems: inputProblems(keysSchema, input, parsed.error, isSecret) };
  }
  const problems: InputProblem[] = [];
  const keys = new Map<string, KnownKey>();
  for (const [index, entry] of parsed.data.entries()) {
    const known = knownKey(typeof entry === 'string' ? { key: entry } : entry, (message) => {
      problems.push({ path: [index], message });
    });
    if (known !== undefined && keys.has(known.hash)) {
      problems.push({ path: [index], message: 'is there twice. Leave one out.' });
    }
    if (known !== undefined) keys.set(known.hash, known);
  }
  return problems.length === 0 ? { ok: true, keys: [...keys.values()] } : { ok: false, problems };
}

function knownKey(entry: Loose<RelayKey>, report: (message: string) => void): KnownKey | undefined {
  const { key, sha256, notBefore, expiresAt, ...rest } = entry;
  if ((key === undefined) === (sha256 === undefined)) {
    report('needs one of key and sha256. Give the key, or better its SHA-256.');
    return undefined;
  }
  const kind = rest.kind ?? (key === undefined ? undefined : kindOf(key));
  if (kind === undefined) {
    report('has sha256 but no kind, and a hash does not show it. Give server, client or admin.');
    return undefined;
  }
  const prefix = key === undefined ? undefined : prefixKind(key);
  if (prefix !== undefined && prefix !== kind) report(`has the prefix of a key of kind ${prefix}, but kind: ${kind}.`);
  if (kind !== 'client' && key !== undefined && key.length < MIN_SECRET_LENGTH) {
    report(
      `has ${key.length} characters and could be guessed. Use ${MIN_SECRET_LENGTH} or more, e.g. what "flags-relay keys new" prints.`,
    );
  }
  if (kind !== 'client' && rest.origins !== undefined) {
    report(`has origins, but its kind is ${kind}: pages may read with client keys alone.`);
  }
  const hash = key === undefined ? (sha256 ?? '').toLowerCase() : hashKey(key);
  const from = notBefore === undefined ? -Infinity : Date.parse(notBefore);
  const until = expiresAt === undefined ? Infinity : Date.parse(expiresAt);
  if (from >= until) report('ends before it begins: notBefore is not before expiresAt.');
  const { name, origins, maxStreams, limits } = rest;
  return {
    hash,
    keyId: keyIdOf(hash),
    kind,
    from,
    until,
    ...(name === undefined ? {} : { name }),
    ...(origins === undefined ? {} : { origins }),
    ...(maxStreams === undefined ? {} : { maxStreams }),
    ...(limits === undefined ? {} : { limits }),
  };
}

/** A whole entry may be a key, too. */
function isSecret(path: readonly PropertyKey[]): boolean {
  return path.length <= 1 || path[1] === 'key';
}
