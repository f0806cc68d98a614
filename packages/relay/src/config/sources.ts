import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { quotedPath } from '../quote.ts';
import type { Setting } from './setting.ts';
import { optionOf, variableOf } from './setting.ts';

/** The command's options as commander read them, by their long names in camel case. */
export type CliOptions = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The environment. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A document as it was read: what it says, and where it says it. */
export interface Document {
  readonly value: unknown;
  /** The origin of what stands at a path, e.g. `relay.yaml:3:7`. */
  readonly origin: (path: readonly PropertyKey[]) => string;
}

/** What is set, and who set it. */
export interface Given {
  readonly value: unknown;
  /** For people: `--port`, `FLAGS_RELAY_PORT`, `relay.yaml:3:7`, `default`. */
  readonly origin: string;
  /** Whether a path within it is the file's own. */
  readonly isFile: boolean;
}

/** What to do about the mistakes that people make in YAML. */
const SYNTAX_FIXES: Readonly<Record<string, string>> = {
  BAD_INDENT: 'Bring the line in line with the others, or close the bracket that is open before it.',
  BLOCK_AS_IMPLICIT_KEY: 'Put a value with a colon in quotes, or take out the spaces before the line.',
  DUPLICATE_KEY: 'This name is there twice: leave one out.',
  MISSING_CHAR: 'Put the quote, bracket or comma there that is missing.',
  TAB_AS_INDENT: 'Begin the line with spaces, not with a tab.',
};

/** Reads a YAML or JSON file. What is wrong is reported, one line each; the answer is then `undefined`. */
export async function readDocument(
  path: string,
  from: string,
  report: (problem: string) => void,
): Promise<Document | undefined> {
  const text = await readText(path, from, report);
  if (text === undefined) return undefined;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    // The parser's own texts may quote the file, and with it a key.
    for (const { pos, code } of document.errors) {
      report(`${place(pos[0])}: is no valid YAML here (${code}). ${SYNTAX_FIXES[code] ?? 'Mend it.'}`);
    }
    return undefined;
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch {
    // A few lines of aliases of aliases stand for more values than there is memory.
    report(`${path}: its aliases stand for too much. Write out what they mean.`);
    return undefined;
  }
  const origin = (at: readonly PropertyKey[]): string => {
    for (let length = at.length; length > 0; length -= 1) {
      const node: unknown = document.getIn(at.slice(0, length), true);
      const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
      if (Array.isArray(range)) return place(Number(range[0]));
    }
    return path;
  };
  return { value, origin };
}

/** Reads a text file, or reports why it cannot be read. */
export async function readText(
  path: string,
  from: string,
  report: (problem: string) => void,
): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    report(`${from}: ${quotedPath(path)} cannot be read (${code}). Give a file that is there and may be read.`);
    return undefined;
  }
}

/** Who sets a setting: an option before its variable before the file before the default. `undefined` when nobody does. */
export function given(
  setting: Setting,
  options: CliOptions,
  variables: Variables,
  file: { readonly path: string; readonly document: Document } | undefined,
): Given | undefined {
  const option = optionOf(setting);
  const written = option === undefined ? undefined : options[camelCase(option)];
  if (option !== undefined && written !== undefined) {
    const value = typeof written === 'string' ? fromText(setting, written) : written;
    return { value, origin: option, isFile: false };
  }
  for (const name of [variableOf(setting), ...(setting.variables ?? [])]) {
    const text = variables[name];
    if (text !== undefined && text !== '') return { value: fromText(setting, text), origin: name, isFile: false };
  }
  const path = setting.path.split('.');
  const value = file === undefined ? undefined : valueAt(file.document.value, path);
  if (file !== undefined && value !== undefined) {
    const isRelative = setting.isPath === true && typeof value === 'string' && value.trim() !== '';
    return {
      value: isRelative ? resolve(dirname(file.path), value) : value,
      origin: file.document.origin(path),
      isFile: true,
    };
  }
  return setting.fallback === undefined ? undefined : { value: setting.fallback, origin: 'default', isFile: false };
}

/** What stands at a path of own members; `undefined` where nothing does. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<PropertyKey, unknown>>)[name];
  }
  return at;
}

/** What a text says; a text that does not say it stays one, for the schema to refuse. */
function fromText({ form }: Setting, text: string): unknown {
  if (form === 'list') {
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  }
  if (form === 'number') return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  if (form === 'switch') return text === 'true' ? true : text === 'false' ? false : text;
  if (form === 'rate') {
    if (text === 'off') return false;
    const [, perSecond, burst] = /^(\d+(?:\.\d+)?)\/(\d+)$/.exec(text) ?? [];
    return perSecond === undefined ? text : { perSecond: Number(perSecond), burst: Number(burst) };
  }
  return text;
}

function camelCase(option: string): string {
  return option.slice(2).replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
