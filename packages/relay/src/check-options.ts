import { isIP } from 'node:net';
import { MIN_CONTEXT_SECRET_LENGTH } from '@flags/node';
import type { EdgeKv } from '@flags/edge';
import { z } from 'zod';
import { RelayError } from './errors.ts';
import type { InputProblem } from './input-problems.ts';
import { formatPath, inputProblems } from './input-problems.ts';
import type { KnownKey } from './keys/relay-key.ts';
import { originSchema, parseKeys } from './keys/relay-key.ts';
import { limitsSchema } from './limits.ts';
import type { RelayOptions } from './options.ts';

const ABOVE_FIX = 'Give a number above 0.';
const RESERVE_FIX = 'Give a number from 0 on.';
const SECRET_FIX = `Give texts of ${MIN_CONTEXT_SECRET_LENGTH} characters or more, which nobody guesses, e.g. what openssl rand -hex 32 prints.`;
const PROXY_FIX = 'Give the addresses or networks of your proxies, e.g. 10.0.0.0/8, loopback or uniquelocal.';
const STORES_FIX = 'Give a list of { kv, view }, where kv has get and put, e.g. cloudflareRestKv(…) of @flags/edge.';
const CONFIRM_FIX = 'Give milliseconds from 1000 on, or Infinity for never.';
const SEGMENTS_FIX = 'Give externalSegments(async ({ unit, segments }) => …), or leave it out.';
const PROXY_NAMES = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** A proxy or a network of them. */
export const proxySchema: z.ZodType<string, string> = z
  .string({ error: PROXY_FIX })
  .refine((text) => PROXY_NAMES.has(text) || isIP(text) > 0 || isNetwork(text), { error: PROXY_FIX });

const storeSchema = z.object(
  {
    kv: z.custom<EdgeKv>((kv) => isStore(kv), { error: STORES_FIX }),
    view: z.enum(['server', 'client'], { error: 'Say what is written there: server or client.' }),
    name: z.string({ error: STORES_FIX }).optional(),
    confirmMs: z.custom((value) => typeof value === 'number' && value >= 1_000, { error: CONFIRM_FIX }).optional(),
  },
  { error: STORES_FIX },
);

const schema = z.object({
  origins: z.array(originSchema, { error: 'Give a list of origins.' }).optional(),
  limits: limitsSchema.optional(),
  streams: z
    .object({
      serverReserve: z.custom((value) => typeof value === 'number' && value >= 0, { error: RESERVE_FIX }).optional(),
    })
    .catchall(z.custom((value) => typeof value === 'number' && value > 0, { error: ABOVE_FIX }))
    .optional(),
  contextSecrets: z
    .array(z.string({ error: SECRET_FIX }).min(MIN_CONTEXT_SECRET_LENGTH, { error: SECRET_FIX }), { error: SECRET_FIX })
    .optional(),
  stores: z.array(storeSchema, { error: STORES_FIX }).optional(),
  segments: z.custom((value) => typeof value === 'function', { error: SEGMENTS_FIX }).optional(),
  trustProxy: z.array(proxySchema, { error: PROXY_FIX }).optional(),
});

/** Checks what types cannot say of a relay's options. Throws `INVALID_OPTION` with everything that is wrong. */
export function checkOptions(options: RelayOptions): void {
  const parsed = schema.safeParse(options);
  if (!parsed.success)
    throw invalid(inputProblems(schema, options, parsed.error, ([name]) => name === 'contextSecrets'));
}

/** Checks and hashes the keys of a relay. Throws `INVALID_OPTION` with everything that is wrong, and quotes no key. */
export function checkKeys(keys: RelayOptions['keys']): readonly KnownKey[] {
  if (keys.length === 0) {
    throw new RelayError(
      'INVALID_OPTION',
      'keys is empty, so nobody could read. Give at least one, e.g. generateServerKey().',
    );
  }
  const parsed = parseKeys(keys);
  if (!parsed.ok) throw invalid(parsed.problems.map(({ path, message }) => ({ path: ['keys', ...path], message })));
  return parsed.keys;
}

function invalid(problems: readonly InputProblem[]): RelayError {
  return new RelayError(
    'INVALID_OPTION',
    problems.map(({ path, message }) => `${formatPath(path)} ${message}`).join('\n'),
  );
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  if (version === 0 || bits === undefined || more.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  return Number(bits) <= (version === 4 ? 32 : 128);
}

function isStore(kv: unknown): boolean {
  const { get, put } = (kv ?? {}) as Partial<EdgeKv>;
  return typeof get === 'function' && typeof put === 'function';
}
