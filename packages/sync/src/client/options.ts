import type { CompileOptions } from '@flags/core';
import type { SyncMode } from '../machine/policy.ts';
import { FlagsError } from './flags-error.ts';
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
  readonly logger: Logger;
  readonly compileOptions: CompileOptions;
}

/** Says nothing. */
export const SILENT: Logger = { info: () => {}, warn: () => {} };
const URL_PATTERN = /^https?:\/\/[^\s?#]+$/i;
// What an HTTP header can carry without being quoted.
const KEY_PATTERN = /^[\x21-\x7e]{1,1024}$/;

/**
 * Checks a client's options, as they come from JavaScript.
 *
 * @throws {FlagsError} `INVALID_OPTION`, naming the option and what to write instead.
 */
export function parseOptions(options: unknown): CheckedOptions {
  if (!isObject(options)) throw invalid('options', 'The options are missing.', 'Pass an object: { url, key }.');
  const mode = options['mode'] ?? 'stream';
  if (mode !== 'stream' && mode !== 'poll' && mode !== 'offline') {
    throw invalid('mode', 'Option `mode` is unknown.', "Use 'stream', 'poll' or 'offline'.");
  }
  const { bootstrap, bucketers } = options;
  if (bootstrap !== undefined && bootstrap !== null && !isObject(bootstrap)) {
    throw invalid(
      'bootstrap',
      'Option `bootstrap` is not an object.',
      'Pass a ruleset as parsed JSON, or leave it out.',
    );
  }
  if (bucketers !== undefined && !isObject(bucketers)) {
    throw invalid('bucketers', 'Option `bucketers` is not an object.', 'Pass { name: function }.');
  }
  const { exposures = true } = options;
  if (typeof exposures !== 'boolean' && exposures !== 'counts') {
    throw invalid('exposures', 'Option `exposures` is unknown.', "Use true, false or 'counts'.");
  }
  const { privateAttributes = [] } = options;
  if (
    !Array.isArray(privateAttributes) ||
    !privateAttributes.every((path) => typeof path === 'string' && path !== '')
  ) {
    throw invalid('privateAttributes', 'Option `privateAttributes` is no list of paths.', "Pass ['email', 'org.id'].");
  }
  return {
    url: mode === 'offline' ? '' : checkUrl(options['url']),
    key: mode === 'offline' ? '' : checkKey(options['key']),
    mode,
    bootstrap: isObject(bootstrap) ? bootstrap : undefined,
    exposures: mode === 'offline' ? false : exposures,
    privateAttributes,
    logger: checkLogger(options['logger']),
    compileOptions: bucketers === undefined ? {} : ({ bucketers } as CompileOptions),
  };
}

/** Whether a text can be a key. */
export function isKey(value: unknown): value is string {
  return typeof value === 'string' && KEY_PATTERN.test(value);
}

function checkUrl(url: unknown): string {
  const fix = 'Pass the relay’s address, e.g. url: "https://flags.example.com".';
  if (url === undefined || url === '') throw invalid('url', 'Option `url` is missing.', fix);
  if (typeof url !== 'string' || !URL_PATTERN.test(url)) {
    throw invalid('url', 'Option `url` is not an http(s) address without query and fragment.', fix);
  }
  return url.replace(/\/+$/, '');
}

function checkKey(key: unknown): string | KeyProvider {
  const fix = 'Pass the environment’s server key, e.g. key: process.env.FLAGS_KEY, or a function that fetches it.';
  if (key === undefined || key === '') throw invalid('key', 'Option `key` is missing.', fix);
  if (typeof key === 'function') return key as KeyProvider;
  if (!isKey(key)) throw invalid('key', 'Option `key` is not printable ASCII without spaces.', fix);
  return key;
}

function checkLogger(logger: unknown): Logger {
  if (logger === undefined || logger === null) return SILENT;
  if (isObject(logger) && typeof logger['info'] === 'function' && typeof logger['warn'] === 'function') {
    return logger as unknown as Logger;
  }
  throw invalid('logger', 'Option `logger` has no `info` and `warn`.', 'Pass `console` or an object like it.');
}

function invalid(option: string, what: string, fix: string): FlagsError {
  return new FlagsError('INVALID_OPTION', option, what, fix);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
