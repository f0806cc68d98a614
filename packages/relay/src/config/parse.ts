import { formatPath, inputProblems } from '../input-problems.ts';
import type { RelayKey } from '../keys/relay-key.ts';
import { parseKeys } from '../keys/relay-key.ts';
import type { SourceConfig, SourceSettings } from '../source-config.ts';
import { parseSource } from '../source-config.ts';
import { readStores } from './published-stores.ts';
import { checkVerifyKeys, readSigningKey } from './signing.ts';
import type { CliOptions, Document, Given, Variables } from './sources.ts';
import type { StoreConfig } from './stores.ts';
import { given, readDocument, readText } from './sources.ts';
import type { Settings } from './schema.ts';
import { settingsSchema } from './schema.ts';
import { optionOf, variableOf } from './setting.ts';
import { SETTINGS } from './settings.ts';

/** What the command runs with. */
export interface Config {
  readonly settings: Settings;
  readonly source: SourceConfig;
  /** Of `keys` and of the key file. Empty: none is configured, which is for an address of this machine alone. */
  readonly keys: readonly (string | RelayKey)[];
  /** Signs the flags: PEM. */
  readonly signingKey: string | undefined;
  /** What is told of every state, with the tokens of the environment. */
  readonly stores: readonly StoreConfig[];
  /** Who set each setting, by its path. */
  readonly origins: ReadonlyMap<string, string>;
  /** What keys are read from: when one of these changes, they may be others. */
  readonly files: readonly string[];
}

/** The configuration, or one line for each thing that is wrong with it: where, what was found, what to do. */
export type ParsedConfig =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] };

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;
const SECRETS = new Set(SETTINGS.filter(({ isSecret }) => isSecret === true).map(({ path }) => path)).add('stores');
/** What is secret itself, or holds a secret. */
const SECRET_GROUPS = new Set(Array.from(SECRETS, (path) => path.split('.')[0]));

/** Reads options, variables and the file that `--config` or `FLAGS_RELAY_CONFIG` names, and checks all of it. */
export async function parseConfig(
  options: CliOptions,
  variables: Variables,
  isTerminal: boolean,
): Promise<ParsedConfig> {
  const problems: string[] = [];
  const report = (problem: string): void => void problems.push(problem);
  const path = typeof options['config'] === 'string' ? options['config'] : variables['FLAGS_RELAY_CONFIG'];
  let file: { readonly path: string; readonly document: Document } | undefined;
  if (path !== undefined && path !== '') {
    const from = options['config'] === undefined ? 'FLAGS_RELAY_CONFIG' : '--config';
    const document = await readDocument(path, from, report);
    if (document === undefined) return { ok: false, problems };
    if (typeof document.value !== 'object' || Array.isArray(document.value)) {
      return { ok: false, problems: [`${path}: holds no settings. Write one a line, e.g. port: 8071.`] };
    }
    file = { path, document };
  }

  const settings = SETTINGS.map((setting) =>
    setting.path === 'log' ? { ...setting, fallback: isTerminal ? 'lines' : 'json' } : setting,
  );
  const from = new Map<string, Given>();
  const input = overlay(file?.document.value);
  for (const setting of settings) {
    const found = given(setting, options, variables, file);
    if (found === undefined) continue;
    from.set(setting.path, found);
    put(input, setting.path.split('.'), found.value);
  }
  for (const group of ['limits', 'streams', 'segments']) if (input[group] === undefined) input[group] = {};

  const parsed = settingsSchema.safeParse(input);
  if (!parsed.success) {
    const isSecret = (at: readonly PropertyKey[]): boolean =>
      at.length === 1
        ? SECRET_GROUPS.has(String(at[0]))
        : SECRETS.has(String(at[0])) || SECRETS.has(at.slice(0, 2).join('.'));
    for (const { path: at, message } of inputProblems(settingsSchema, input, parsed.error, isSecret)) {
      report(`${placeOf(at, from, file?.document)} ${message}`);
    }
  }
  const source = await parseSource(sourceSettings(from), problems);
  const signingKey = await readSigningKey(from, source, report);
  checkVerifyKeys(from, source, report);
  const listed = { listed: input['stores'], given: from.get('stores'), variables, document: file?.document, source };
  const stores = readStores(listed, report);
  const { keys, files } = await allKeys(from, input['keys'], input['keyFile'], file?.document, report);
  const host = String(input['host']);
  if (keys.length === 0 && problems.length === 0 && !LOOPBACK.test(host)) {
    report(
      `${placeOf(['host'], from, file?.document)} "${host}" can be reached from other machines, but no key is configured. Give one with --key, --key-file or FLAGS_RELAY_KEYS, or leave the host out.`,
    );
  }
  if (!parsed.success || source === undefined || problems.length > 0) return { ok: false, problems };
  const origins = new Map(Array.from(from, ([name, { origin }]) => [name, origin] as const));
  return {
    ok: true,
    config: {
      settings: parsed.data,
      source,
      keys,
      signingKey,
      stores,
      origins,
      files: [...(file === undefined ? [] : [file.path]), ...files, ...keyFilesOf(source)],
    },
  };
}

function keyFilesOf(source: SourceConfig): readonly string[] {
  return source.kind === 'upstream' && source.keyFile !== undefined ? [source.keyFile] : [];
}

/** Whoever names a source in a stronger place means that one alone: an option before all variables before the file. */
function sourceSettings(from: ReadonlyMap<string, Given>): SourceSettings {
  const textOf = (name: string): string | undefined => {
    const value = from.get(name)?.value;
    return typeof value === 'string' ? value : undefined;
  };
  const ranks = ['flags', 'upstream', 'offline'].map((name) => rankOf(from.get(name)));
  const [flags, upstream, offline] = ['flags', 'upstream', 'offline'].map((name, index) =>
    ranks[index] === Math.max(...ranks) ? textOf(name) : undefined,
  );
  const keyFile = textOf('upstreamKeyFile');
  const isKeyStronger = rankOf(from.get('upstreamKey')) >= rankOf(from.get('upstreamKeyFile'));
  return isKeyStronger
    ? { flags, upstream, offline, upstreamKey: textOf('upstreamKey'), upstreamKeyFile: keyFile }
    : { flags, upstream, offline, upstreamKeyFile: keyFile };
}

function rankOf(found: Given | undefined): number {
  if (found === undefined) return 0;
  if (found.isFile) return 1;
  return found.origin.startsWith('--') ? 3 : 2;
}

async function allKeys(
  from: ReadonlyMap<string, Given>,
  listed: unknown,
  keyFile: unknown,
  document: Document | undefined,
  report: (problem: string) => void,
): Promise<Pick<Config, 'keys' | 'files'>> {
  const keys: unknown[] = [];
  const places: string[] = [];
  const add = (entries: readonly unknown[], place: (index: number) => string): void => {
    keys.push(...entries);
    places.push(...entries.map((_, index) => place(index)));
  };
  if (Array.isArray(listed)) {
    const own = from.get('keys');
    const inFile = (index: number): string => `${document?.origin(['keys', index])}: keys[${index}]`;
    add(listed, own?.isFile === true ? inFile : (index) => `${own?.origin}: ${which(listed, index)}`);
  }
  if (typeof keyFile === 'string') {
    const entries = await readKeyFile(keyFile, from.get('keyFile')?.origin ?? 'keyFile', report);
    add(entries, (index) => `${keyFile}: ${which(entries, index)}`);
  }
  const parsed = parseKeys(keys);
  for (const { path, message } of parsed.ok ? [] : parsed.problems) {
    const member = formatPath(path.slice(1));
    report(`${places[Number(path[0])]}${member === '' ? '' : `.${member}`} ${message}`);
  }
  return { keys: keys as Config['keys'], files: typeof keyFile === 'string' ? [keyFile] : [] };
}

async function readKeyFile(path: string, from: string, report: (problem: string) => void): Promise<readonly unknown[]> {
  if (/\.(?:ya?ml|json)$/.test(path)) {
    const document = await readDocument(path, from, report);
    if (document === undefined) return [];
    if (Array.isArray(document.value) && document.value.length > 0) return document.value;
    report(`${path}: holds no list of keys. Give one, as under keys.`);
    return [];
  }
  const text = await readText(path, from, report);
  if (text === undefined) return [];
  const keys = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  if (keys.length === 0) report(`${path}: holds no key. Put one on each line.`);
  return keys;
}

function which(entries: readonly unknown[], index: number): string {
  return entries.length === 1 ? 'the key' : `key ${index + 1}`;
}

/** Where a problem is: the option or variable; or the place in the file, and the path there. */
function placeOf(at: readonly PropertyKey[], from: ReadonlyMap<string, Given>, document: Document | undefined): string {
  const text = formatPath(at);
  for (const [path, { origin, isFile }] of from) {
    if (text !== path && !text.startsWith(`${path}.`) && !text.startsWith(`${path}[`)) continue;
    if (isFile) return `${document?.origin(at)}: ${text}`;
    return text === path ? `${origin}:` : `${origin}: ${text.slice(path.length).replace(/^\./, '')}`;
  }
  // What nobody sets: missing, or a name that is not known.
  const setting = SETTINGS.find(({ path }) => path === text);
  if (setting === undefined) return document === undefined ? `${text}:` : `${document.origin(at)}: ${text}`;
  return optionOf(setting) ?? variableOf(setting);
}

/** A copy of what the file says, to be written over. */
function overlay(value: unknown): Record<string, unknown> {
  const copy: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  // `$schema` is for editors.
  for (const [name, member] of Object.entries(value ?? {}))
    if (name !== '$schema') copy[name] = structuredClone(member);
  return copy;
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  const inner = target[name];
  const group: Record<string, unknown> =
    typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
  target[name] = group;
  put(group, rest, value);
}
