import type { CompileOptions } from '@flags/core';
import type { SyncMode } from '../machine/policy.ts';
import { FlagsError } from './flags-error.ts';
import type { CreateVerifier } from './pinned-keys.ts';
import type { Logger } from './ports.ts';

/** Gives the key when it is needed: at the first request, and again after the server refused the last one. */
export type KeyProvider = () => string | Promise<string>;

/** What every client can be told. */
export interface ClientOptions {
  /** Where the relay is, with its prefix if it has one: `https://flags.example.com`. Not needed offline. */
  readonly url?: string;
  /** The environment's key, or a function that fetches it. Sent to `url` only; never logged. Not needed offline. */
  readonly key?: string | KeyProvider;
  /** `stream` (the default): changes are pushed; `poll`: fetched every 30 s; `offline`: the bootstrap is all there is. */
  readonly mode?: SyncMode;
  /** Rules to start with: a ruleset, or `{ ruleset }`, as parsed JSON. */
  readonly bootstrap?: unknown;
  /** Where the client reports; nowhere by default. */
  readonly logger?: Logger;
  /**
   * Whether reads are reported to the relay: `true` (the default): how often each flag gave which answer, and which units are
   * part of an experiment; `'counts'`: no units; `false`: nothing. Other attributes of a context are never sent.
   */
  readonly exposures?: boolean | 'counts';
  /**
   * Attributes whose values never leave, as paths such as `email` or `org.id`: where an experiment buckets by one of them, or by
   * a part of one, its reads are counted and its units are not reported. `targetingKey` may be one; `track()` then names nobody.
   */
  readonly privateAttributes?: readonly string[];
  /**
   * `verifyKeys([publicKey])`: nothing is used that the holder of such a key has not signed, wherever it came from. What was
   * verified last stays, and `status().reason` is `integrity`. Without it whoever serves `url` is trusted.
   */
  readonly verify?: CreateVerifier | undefined;
  /** Hashes that splits may name, for flags that come from another vendor. */
  readonly bucketers?: NonNullable<CompileOptions['bucketers']>;
}

/** Options that have been checked. */
export interface CheckedOptions {
  readonly url: string;
  readonly key: string | KeyProvider;
  readonly mode: SyncMode;
  readonly bootstrap: Readonly<Record<string, unknown>> | undefined;
  readonly exposures: boolean | 'counts';
  readonly privateAttributes: readonly string[];
  readonly verify: CreateVerifier | undefined;
  readonly logger: Logger;
  readonly compileOptions: CompileOptions;
}

// Every runtime has it, and reading an address is neither I/O nor state of the platform; declared here for the reason that
// `TextDecoder` is declared in `event-stream.ts`.
declare const URL: { canParse(url: string): boolean };

/** Says nothing. */
export const SILENT: Logger = { info: () => {}, warn: () => {} };

/** Whether a text can be a key: what an HTTP header can carry without being quoted. */
export function isKey(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,1024}$/.test(value);
}

/** What each option has to be where it is given, and what to do where it is not. */
const OPTIONS: Readonly<Record<keyof ClientOptions, readonly [isRight: (value: unknown) => boolean, fix: string]>> = {
  mode: [(value) => ['stream', 'poll', 'offline'].includes(value as SyncMode), "Use 'stream', 'poll' or 'offline'."],
  url: [
    (value) => typeof value === 'string' && /^https?:\/\/[^\s?#]+$/i.test(value) && URL.canParse(value),
    'Pass the relay’s address without query and fragment: "https://flags.example.com".',
  ],
  key: [
    (value) => typeof value === 'function' || isKey(value),
    'Pass the environment’s key, which is printable ASCII without spaces, or a function that fetches it.',
  ],
  bootstrap: [isObject, 'Pass a ruleset as parsed JSON, or leave it out.'],
  exposures: [(value) => typeof value === 'boolean' || value === 'counts', "Use true, false or 'counts'."],
  privateAttributes: [
    (value) => Array.isArray(value) && value.every((path) => typeof path === 'string' && path !== ''),
    "Pass a list of paths: ['email', 'org.id'].",
  ],
  verify: [(value) => typeof value === 'function', 'Pass verifyKeys([publicKey]).'],
  bucketers: [isObject, 'Pass { name: function }.'],
  logger: [
    (value) => isObject(value) && typeof value['info'] === 'function' && typeof value['warn'] === 'function',
    'Pass an object with `info` and `warn`, such as `console`.',
  ],
};

/**
 * Checks a client's options, as they come from JavaScript.
 *
 * @throws {FlagsError} `INVALID_OPTION`, naming the option and what to write instead.
 */
export function parseOptions(options: unknown): CheckedOptions {
  if (!isObject(options)) throw invalidOption('options', options, 'Pass an object: { url, key }.');
  const isOffline = options['mode'] === 'offline';
  for (const [name, [isRight, fix]] of Object.entries(OPTIONS)) {
    const value = options[name] ?? undefined;
    const isNeeded = name === 'url' || name === 'key';
    if (isNeeded ? !isOffline && !isRight(value) : value !== undefined && !isRight(value)) {
      throw invalidOption(name, value, fix);
    }
  }
  const { mode, url, key, bootstrap, exposures, privateAttributes, logger, bucketers, verify } =
    options as ClientOptions;
  return {
    url: isOffline ? '' : (url as string).replace(/\/+$/, ''),
    key: isOffline ? '' : (key as string),
    mode: mode ?? 'stream',
    bootstrap: (bootstrap as CheckedOptions['bootstrap'] | null) ?? undefined,
    exposures: !isOffline && (exposures ?? true),
    privateAttributes: privateAttributes ?? [],
    verify,
    logger: logger ?? SILENT,
    compileOptions: bucketers ? { bucketers } : {},
  };
}

/** An option that is missing or not what it has to be. `value` is looked at, not quoted: it may be a secret. */
function invalidOption(option: string, value: unknown, fix: string): FlagsError {
  const what = `Option \`${option}\` is ${value === undefined || value === '' ? 'missing' : 'wrong'}.`;
  return new FlagsError('INVALID_OPTION', option, what, fix);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
