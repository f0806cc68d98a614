import { readFile } from 'node:fs/promises';
import { isKey } from './keys/key.ts';
import { archiveSource } from './sources/archive.ts';
import { fileSource } from './sources/file.ts';
import type { Source } from './sources/source.ts';
import { upstreamSource } from './sources/upstream.ts';

/** The command's options that say where the flags come from; each is also an environment variable. */
export interface SourceCliOptions {
  readonly flags?: string;
  readonly upstream?: string;
  readonly upstreamKey?: string;
  readonly upstreamKeyFile?: string;
  readonly offline?: string;
}

/** Where the flags come from. */
export type SourceConfig =
  | { readonly kind: 'flags'; readonly path: string }
  | { readonly kind: 'upstream'; readonly url: string; readonly key: string }
  | { readonly kind: 'offline'; readonly path: string };

type Env = Readonly<Record<string, string | undefined>>;

const ONE_SOURCE =
  'Name one: --flags flags.yaml (FLAGS_RELAY_FLAGS), --upstream https://… (FLAGS_RELAY_UPSTREAM) or --offline file (FLAGS_RELAY_OFFLINE).';

/** Finds the one source; adds to the problems why there is none. An option wins over all variables. */
export async function parseSource(
  options: SourceCliOptions,
  env: Env,
  problems: string[],
): Promise<SourceConfig | undefined> {
  const written = { flags: options.flags, upstream: options.upstream, offline: options.offline };
  const fromEnv = {
    flags: env['FLAGS_RELAY_FLAGS'],
    upstream: env['FLAGS_RELAY_UPSTREAM'],
    offline: env['FLAGS_RELAY_OFFLINE'],
  };
  const chosen = Object.values(written).some((value) => value !== undefined) ? written : fromEnv;
  const named = Object.entries(chosen).filter(([, value]) => value !== undefined && value.trim() !== '');
  const [kind, value] = named[0] ?? [];
  if (named.length > 1) {
    problems.push(
      `The flags come from one place, not from ${named.map(([name]) => name).join(' and ')}. ${ONE_SOURCE}`,
    );
    return undefined;
  }
  if (value === undefined) {
    problems.push(`--flags is missing. ${ONE_SOURCE}`);
    return undefined;
  }
  const text = value.trim();
  if (kind !== 'upstream') return { kind: kind === 'offline' ? 'offline' : 'flags', path: text };
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    // Somebody may have written a secret into it.
    problems.push('--upstream is no address. Write it like https://flags.example.com.');
    return undefined;
  }
  const key = await readKey(options, env, problems);
  return key === undefined ? undefined : { kind: 'upstream', url: text, key };
}

/** The source of a configuration. */
export function sourceOf(config: SourceConfig): Source {
  switch (config.kind) {
    case 'flags':
      return fileSource(config.path);
    case 'upstream':
      return upstreamSource(config);
    case 'offline':
      return archiveSource(config.path);
  }
}

async function readKey(options: SourceCliOptions, env: Env, problems: string[]): Promise<string | undefined> {
  const given = options.upstreamKey ?? env['FLAGS_RELAY_UPSTREAM_KEY'];
  const file = options.upstreamKeyFile ?? env['FLAGS_RELAY_UPSTREAM_KEY_FILE'];
  let key = given?.trim();
  if (options.upstreamKey === undefined && file !== undefined && file !== '') {
    try {
      key = (await readFile(file, 'utf8')).trim();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      problems.push(`--upstream-key-file: "${file}" cannot be read (${code}). Give a file that holds the key.`);
      return undefined;
    }
  }
  if (key !== undefined && isKey(key)) return key;
  problems.push(
    '--upstream needs a key of that relay. Put one into FLAGS_RELAY_UPSTREAM_KEY, or into a file for --upstream-key-file.',
  );
  return undefined;
}
