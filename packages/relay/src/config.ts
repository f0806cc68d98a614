import { readFile } from 'node:fs/promises';
import { MIN_CONTEXT_SECRET_LENGTH } from '@flags/node';
import { z } from 'zod';
import { isKey, kindOf } from './keys/key.ts';
import type { SourceCliOptions, SourceConfig } from './source-config.ts';
import { parseSource } from './source-config.ts';

/** The command's options as they were written; each is also an environment variable. */
export interface CliOptions extends SourceCliOptions {
  readonly snapshot?: string;
  readonly port?: string;
  readonly host?: string;
  readonly key?: readonly string[];
  readonly keyFile?: string;
  readonly metrics?: string;
  readonly heartbeat?: string;
  readonly log?: string;
}

/** What the command runs with. */
export interface Config {
  readonly source: SourceConfig;
  /** The file that keeps the last good flags. */
  readonly snapshot: string | undefined;
  readonly port: number;
  readonly host: string;
  /** Empty: none is configured. Only on an address of this machine alone. */
  readonly keys: readonly string[];
  /** What contexts have to be signed with; empty: they need no signature. */
  readonly contextSecrets: readonly string[];
  /** As for a relay: absent beside the other routes, `false` nowhere, else a listener of its own. */
  readonly metrics: false | { readonly port: number; readonly host: string } | undefined;
  /** Milliseconds between heartbeats of a stream. */
  readonly heartbeatMs: number;
  readonly log: 'lines' | 'json' | 'silent';
}

/** The configuration, or one line for each thing that is wrong with it: the option, the value, the fix. */
export type ParsedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Shorter ones can be guessed over a network. */
const MIN_KEY_LENGTH = 16;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

const portSchema = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .refine((port) => port <= 65_535);
const metricsSchema = z.union([
  z.literal('off').transform(() => false as const),
  z
    .string()
    .regex(/^(?:.+:)?\d{1,5}$/)
    .transform((text) => {
      const colon = text.lastIndexOf(':');
      const host = text.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1');
      return { host: host === '' ? '127.0.0.1' : host, port: Number(text.slice(colon + 1)) };
    })
    .refine(({ port }) => port <= 65_535),
]);
// Shorter ones cost more than they find; longer ones find a dead connection after many minutes.
const heartbeatSchema = z
  .string()
  .regex(/^\d{1,3}(?:\.\d{1,3})?$/)
  .transform((text) => Number(text) * 1_000)
  .refine((ms) => ms >= 100 && ms <= 300_000);
const logSchema = z.enum(['lines', 'json', 'silent']);
const textSchema = z.string().trim().min(1);

interface Setting {
  readonly origin: string;
  readonly value: string;
}

/** Checks options and environment variables. An option wins over its variable, and both over the default. */
export async function parseConfig(
  options: CliOptions,
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): Promise<ParsedConfig> {
  const problems: string[] = [];
  const setting = (option: string, value: string | undefined, ...names: string[]): Setting | undefined => {
    if (value !== undefined) return { origin: option, value };
    const name = names.find((candidate) => env[candidate] !== undefined && env[candidate] !== '');
    return name === undefined ? undefined : { origin: name, value: env[name] ?? '' };
  };
  const read = <T>(from: Setting | undefined, schema: z.ZodType<T, string>, fallback: T, fix: string): T => {
    if (from === undefined) return fallback;
    const parsed = schema.safeParse(from.value);
    if (parsed.success) return parsed.data;
    problems.push(`${from.origin}: "${from.value}" cannot be used. ${fix}`);
    return fallback;
  };

  const source = await parseSource(options, env, problems);
  const snapshot = read<string | undefined>(
    setting('--snapshot', options.snapshot, 'FLAGS_RELAY_SNAPSHOT'),
    textSchema,
    undefined,
    'Give the path of a file that this relay alone writes.',
  );
  const port = read(
    setting('--port', options.port, 'FLAGS_RELAY_PORT', 'PORT'),
    portSchema,
    8080,
    'Give a whole number from 0 to 65535; 0 takes any free port.',
  );
  const host = read(
    setting('--host', options.host, 'FLAGS_RELAY_HOST'),
    textSchema,
    '127.0.0.1',
    'Give an address or a host name, e.g. 0.0.0.0 for all interfaces.',
  );
  const metrics = read<Config['metrics']>(
    setting('--metrics', options.metrics, 'FLAGS_RELAY_METRICS'),
    metricsSchema,
    undefined,
    'Give off, a port, or an address and a port, e.g. 0.0.0.0:9090.',
  );
  const heartbeatMs = read(
    setting('--heartbeat', options.heartbeat, 'FLAGS_RELAY_HEARTBEAT'),
    heartbeatSchema,
    30_000,
    'Give seconds from 0.1 to 300.',
  );
  const log = read(
    setting('--log', options.log, 'FLAGS_RELAY_LOG'),
    logSchema,
    isTerminal ? 'lines' : 'json',
    'Give lines, json or silent.',
  );
  const listed = options.key ?? split(env['FLAGS_RELAY_KEYS'] ?? '', ',');
  const origin = options.key === undefined ? 'FLAGS_RELAY_KEYS' : '--key';
  const keys = [...checked(listed, origin, problems)];
  const keyFile = setting('--key-file', options.keyFile, 'FLAGS_RELAY_KEY_FILE');
  if (keyFile !== undefined) keys.push(...(await readKeys(keyFile, problems)));
  const contextSecrets = split(env['FLAGS_RELAY_CONTEXT_SECRETS'] ?? '', ',');
  if (contextSecrets.some((secret) => secret.length < MIN_CONTEXT_SECRET_LENGTH)) {
    problems.push(
      `FLAGS_RELAY_CONTEXT_SECRETS: one of them has fewer than ${MIN_CONTEXT_SECRET_LENGTH} characters and could be guessed. Use e.g. what openssl rand -hex 32 prints.`,
    );
  }
  if (keys.length === 0 && problems.length === 0 && !LOOPBACK.test(host)) {
    problems.push(
      `--host: "${host}" can be reached from other machines, but no key is configured. Give one with --key, --key-file or FLAGS_RELAY_KEYS, or leave --host out.`,
    );
  }
  return problems.length === 0 && source !== undefined
    ? { ok: true, config: { source, snapshot, port, host, keys, contextSecrets, metrics, heartbeatMs, log } }
    : { ok: false, problems };
}

async function readKeys({ origin, value }: Setting, problems: string[]): Promise<readonly string[]> {
  let text: string;
  try {
    text = await readFile(value, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    problems.push(`${origin}: "${value}" cannot be read (${code}). Give a file with one key a line.`);
    return [];
  }
  const keys = split(text, '\n').filter((line) => !line.startsWith('#'));
  if (keys.length === 0) problems.push(`${origin}: "${value}" holds no key. Put one on each line.`);
  return checked(keys, origin, problems);
}

/** The keys that can be used. A problem never quotes one: it may be a secret with a slip of the pen in it. */
function checked(keys: readonly string[], origin: string, problems: string[]): readonly string[] {
  return keys.filter((key, index) => {
    const which = keys.length === 1 ? 'the key' : `key ${index + 1}`;
    if (!isKey(key)) {
      problems.push(`${origin}: ${which} cannot be used. Use visible ASCII characters without spaces and commas.`);
      return false;
    }
    if (kindOf(key) !== 'client' && key.length < MIN_KEY_LENGTH) {
      problems.push(
        `${origin}: ${which} has ${key.length} characters and could be guessed. Use ${MIN_KEY_LENGTH} or more, e.g. from: openssl rand -hex 24`,
      );
      return false;
    }
    return true;
  });
}

function split(text: string, separator: string): readonly string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
