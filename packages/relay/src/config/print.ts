import { hashKey, keyIdOf, kindOf } from '../keys/key.ts';
import type { RelayKey } from '../keys/relay-key.ts';
import { Document, isMap } from 'yaml';
import type { Config } from './parse.ts';
import { SETTINGS } from './settings.ts';
import { valueAt } from './sources.ts';

/** The whole configuration as YAML, with who set each value beside it. Keys and secrets are masked: a key by its id and kind. */
export function printConfig({ settings, keys, stores, origins }: Config): string {
  const document = new Document({});
  const shown = (path: string, isSecret: boolean): unknown => {
    if (path === 'keys') return keys.map(maskedKey);
    // Of a store its settings are no secrets: a token is named by its variable.
    if (path === 'stores') return stores.map((store) => store.settings);
    const value = valueAt(settings, path.split('.'));
    return isSecret ? masked(value) : value;
  };
  for (const { path, isSecret = false, fallbackText } of SETTINGS) {
    const at = path.split('.');
    const value = shown(path, isSecret);
    const origin = origins.get(path);
    const node = document.createNode(value ?? null);
    const isBlock = isMap(node) || (Array.isArray(value) && value.length > 0);
    const note =
      origin === undefined ? ` default${fallbackText === undefined ? '' : `: ${fallbackText}`}` : ` ${origin}`;
    if (isBlock) node.commentBefore = note;
    else node.comment = note;
    document.setIn(at, node);
  }
  return document.toString({ lineWidth: 0, nullStr: '' });
}

function maskedKey(entry: string | RelayKey): object {
  const { key, sha256, kind, ...rest } = typeof entry === 'string' ? { key: entry } : entry;
  const id = keyIdOf(key === undefined ? (sha256 ?? '').toLowerCase() : hashKey(key));
  return { id, kind: kind ?? (key === undefined ? undefined : kindOf(key)), ...rest };
}

function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(() => '(secret)');
  return value === undefined ? undefined : '(secret)';
}
