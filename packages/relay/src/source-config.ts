import { readFile } from 'node:fs/promises';
import { isKey } from './keys/key.ts';
import { quotedPath } from './quote.ts';
import { archiveSource } from './sources/archive.ts';
import { fileSource } from './sources/file.ts';
import type { Source } from './sources/source.ts';
import { upstreamSource } from './sources/upstream.ts';

/** The settings that say where the flags come from. */
export interface SourceSettings {
  readonly flags?: string | undefined;
  readonly upstream?: string | undefined;
  readonly upstreamKey?: string | undefined;
  readonly upstreamKeyFile?: string | undefined;
  readonly offline?: string | undefined;
}

/** Where the flags come from. */
export type SourceConfig =
  | { readonly kind: 'flags'; readonly path: string }
  | { readonly kind: 'upstream'; readonly url: string; readonly key: string; readonly keyFile?: string }
  | { readonly kind: 'offline'; readonly path: string };

const ONE_SOURCE =
  'Name one: --flags flags.yaml (FLAGS_RELAY_FLAGS), --upstream https://… (FLAGS_RELAY_UPSTREAM) or --offline file (FLAGS_RELAY_OFFLINE).';

/** Finds the one source; adds to the problems why there is none. */
export async function parseSource(settings: SourceSettings, problems: string[]): Promise<SourceConfig | undefined> {
  const { flags, upstream, offline } = settings;
  const named = Object.entries({ flags, upstream, offline }).filter(
    (one): one is [string, string] => one[1] !== undefined && one[1].trim() !== '',
  );
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
  if (!isAddress(text)) {
    // Somebody may have written a secret into it.
    problems.push(
      '--upstream is no address without user, password and query. Write it like https://flags.example.com.',
    );
    return undefined;
  }
  const key = await readKey(settings, problems);
  if (key === undefined) return undefined;
  const { upstreamKey, upstreamKeyFile: keyFile } = settings;
  const isOfFile = upstreamKey === undefined && keyFile !== undefined;
  return { kind: 'upstream', url: text, key, ...(isOfFile && { keyFile }) };
}

/** The source of a configuration. */
export function sourceOf(config: SourceConfig, verifyKeys: readonly string[] = []): Source {
  switch (config.kind) {
    case 'flags':
      return fileSource(config.path);
    case 'upstream':
      return upstreamSource(verifyKeys.length === 0 ? config : { ...config, verifyKeys });
    case 'offline':
      return archiveSource(config.path);
  }
}

/** Whether a text is an address without user, password, query and fragment: addresses are printed and logged. */
export function isAddress(text: string): boolean {
  if (!URL.canParse(text) || /[?#]/.test(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

async function readKey(settings: SourceSettings, problems: string[]): Promise<string | undefined> {
  const { upstreamKey, upstreamKeyFile: file } = settings;
  let key = upstreamKey?.trim();
  if (upstreamKey === undefined && file !== undefined) {
    try {
      key = (await readFile(file, 'utf8')).trim();
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      problems.push(
        `--upstream-key-file: ${quotedPath(file)} cannot be read (${code}). Give a file that holds the key.`,
      );
      return undefined;
    }
  }
  if (key !== undefined && isKey(key)) return key;
  problems.push(
    '--upstream needs a key of that relay. Put one into FLAGS_RELAY_UPSTREAM_KEY, or into a file for --upstream-key-file.',
  );
  return undefined;
}
