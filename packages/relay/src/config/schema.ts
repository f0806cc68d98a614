import { MIN_CONTEXT_SECRET_LENGTH } from '@flags/node';
import type { ExternalSegmentsOptions } from '@flags/sync';
import { parsePublicKey } from '@flags/sync';
import { z } from 'zod';
import { proxySchema } from '../check-options.ts';
import { originSchema } from '../keys/relay-key.ts';
import { limitsSchema } from '../limits.ts';
import { isKeyShaped } from '../quote.ts';
import type { Limits, Loose } from '../limits.ts';
import type { StreamLimits } from '../options.ts';

/** Who is asked about external segments, and how answers are kept. */
export interface SegmentSettings extends Loose<ExternalSegmentsOptions> {
  readonly url?: string | undefined;
  readonly secret?: string | undefined;
}

/** Everything the command can be told, as its file writes it. */
export interface Settings {
  readonly flags?: string | undefined;
  readonly upstream?: string | undefined;
  readonly upstreamKey?: string | undefined;
  readonly upstreamKeyFile?: string | undefined;
  readonly offline?: string | undefined;
  readonly snapshot?: string | undefined;
  readonly signingKey?: string | undefined;
  readonly signingKeyFile?: string | undefined;
  readonly verifyKeys: readonly string[];
  readonly port: number;
  readonly host: string;
  readonly prefix: string;
  /** Checked by `parseKeys`. */
  readonly keys: readonly unknown[];
  readonly keyFile?: string | undefined;
  readonly origins: readonly string[];
  readonly contextSecrets: readonly string[];
  /** Checked by `parseStores`. */
  readonly stores: readonly unknown[];
  readonly segments: SegmentSettings;
  readonly limits: Loose<Limits>;
  readonly streams: Loose<StreamLimits>;
  readonly trustProxy: readonly string[];
  /** Seconds. */
  readonly heartbeat: number;
  readonly acks: boolean;
  readonly metrics?: false | { readonly port: number; readonly host: string } | undefined;
  readonly log: 'lines' | 'json' | 'silent';
}

const PORT_FIX = 'Give a whole number from 0 to 65535; 0 takes any free port.';
const HOST_FIX = 'Give an address or a host name, e.g. 0.0.0.0 for all interfaces.';
const URL_FIX = 'Give the address of a relay, e.g. https://flags.example.com.';
const KEY_FIX = 'Give a key of the relay to follow.';
const PATH_FIX = 'Give the path of a file.';
const PREFIX_FIX = 'Give a path that begins with a slash and does not end with one, e.g. /sync.';
const METRICS_FIX = 'Give off, a port, or an address and a port, e.g. 0.0.0.0:9090.';
const BEAT_FIX = 'Give seconds from 0.1 to 300.';
const SWITCH_FIX = 'Give true or false.';
const ABOVE_FIX = 'Give a number above 0.';
const RESERVE_FIX = 'Give a number from 0 on.';
const LOG_FIX = 'Give lines, json or silent.';
const SECRET_FIX = `Give texts of ${MIN_CONTEXT_SECRET_LENGTH} characters or more, e.g. what openssl rand -hex 32 prints.`;
const SIGNING_FIX = 'Give an Ed25519 private key in PEM.';
const VERIFY_FIX = 'Give Ed25519 public keys: the 43 characters that the relay logs where it signs, or PEM.';
const LOOKUP_FIX = 'Give the http or https address that is asked, without user, password and fragment.';
const BEARER_FIX = 'Give a text of visible ASCII without spaces, e.g. what openssl rand -hex 32 prints.';
const MS_FIX = 'Give milliseconds from 1 to 86400000.';
const UNITS_FIX = 'Give a number from 1 on.';
const LIST_FIX = 'Give a list.';

const text = (error: string): z.ZodString => z.string({ error }).trim().min(1, { error });
/** A key that was put in the wrong place would be quoted by everything that uses it there. */
const noKey = (error: string): z.ZodString => text(error).refine((value) => !isKeyShaped(value), { error });
const above = (): z.ZodNumber => z.number({ error: ABOVE_FIX }).positive({ error: ABOVE_FIX });
const milliseconds = (): z.ZodNumber =>
  z.number({ error: MS_FIX }).min(1, { error: MS_FIX }).max(86_400_000, { error: MS_FIX });

const metricsSchema = z
  .union([z.literal(false), z.string(), z.number()], { error: METRICS_FIX })
  .transform((value) => (value === false ? 'off' : String(value)))
  .pipe(
    z.union(
      [
        z.literal('off').transform(() => false as const),
        z
          .string()
          .regex(/^(?:.+:)?\d{1,5}$/, { error: METRICS_FIX })
          .transform((place) => {
            const colon = place.lastIndexOf(':');
            const host = place.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1');
            return { host: host === '' ? '127.0.0.1' : host, port: Number(place.slice(colon + 1)) };
          })
          .refine(({ port }) => port <= 65_535, { error: METRICS_FIX }),
      ],
      { error: METRICS_FIX },
    ),
  );

/** The form of the file. */
export const settingsSchema: z.ZodType<Settings> = z.strictObject({
  flags: noKey(PATH_FIX).optional(),
  upstream: text(URL_FIX).optional(),
  upstreamKey: text(KEY_FIX).optional(),
  upstreamKeyFile: noKey(PATH_FIX).optional(),
  offline: noKey(PATH_FIX).optional(),
  snapshot: noKey(PATH_FIX).optional(),
  signingKey: text(SIGNING_FIX).optional(),
  signingKeyFile: noKey(PATH_FIX).optional(),
  verifyKeys: z.array(
    z.string({ error: VERIFY_FIX }).refine((key) => parsePublicKey(key) !== undefined, { error: VERIFY_FIX }),
    { error: LIST_FIX },
  ),
  port: z.int({ error: PORT_FIX }).min(0, { error: PORT_FIX }).max(65_535, { error: PORT_FIX }),
  host: noKey(HOST_FIX),
  prefix: z.string({ error: PREFIX_FIX }).regex(/^(?:\/[\w.~-]+)*$/, { error: PREFIX_FIX }),
  keys: z.array(z.unknown(), { error: LIST_FIX }),
  keyFile: noKey(PATH_FIX).optional(),
  origins: z.array(originSchema, { error: LIST_FIX }),
  contextSecrets: z.array(z.string({ error: SECRET_FIX }).min(MIN_CONTEXT_SECRET_LENGTH, { error: SECRET_FIX }), {
    error: LIST_FIX,
  }),
  stores: z.array(z.unknown(), { error: LIST_FIX }),
  segments: z
    .strictObject({
      url: noKey(LOOKUP_FIX).refine(isLookupAddress, { error: LOOKUP_FIX }).optional(),
      secret: z
        .string({ error: BEARER_FIX })
        .regex(/^[\x21-\x7e]{1,1024}$/, { error: BEARER_FIX })
        .optional(),
      timeoutMs: milliseconds().optional(),
      ttlMs: milliseconds().optional(),
      maxUnits: z
        .int({ error: UNITS_FIX })
        .min(1, { error: UNITS_FIX })
        .max(100_000_000, { error: UNITS_FIX })
        .optional(),
    })
    .refine(({ url, ...others }) => url !== undefined || Object.keys(others).length === 0, {
      // At the member that is missing: of the whole, the secret would be quoted.
      path: ['url'],
      error: LOOKUP_FIX,
    }),
  limits: limitsSchema,
  streams: z.strictObject({
    maxStreams: above().optional(),
    maxStreamsPerKey: above().optional(),
    serverReserve: z.number({ error: RESERVE_FIX }).min(0, { error: RESERVE_FIX }).optional(),
    maxStreamAgeMs: above().optional(),
    stallMs: above().optional(),
    maxBacklogBytes: above().optional(),
    maxContextBytes: above().optional(),
  }),
  trustProxy: z.array(proxySchema, { error: LIST_FIX }),
  // Shorter ones cost more than they find; longer ones find a dead connection after many minutes.
  heartbeat: z.number({ error: BEAT_FIX }).min(0.1, { error: BEAT_FIX }).max(300, { error: BEAT_FIX }),
  acks: z.boolean({ error: SWITCH_FIX }),
  metrics: metricsSchema.optional(),
  log: z.enum(['lines', 'json', 'silent'], { error: LOG_FIX }),
});

/** A query may be of use; a name and a password would be printed. */
function isLookupAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
}
