import { hashKey, keyIdOf, kindOf } from '../keys/key.ts';
import type { RelayKey } from '../keys/relay-key.ts';
import { Document, isMap } from 'yaml';
import type { Config } from './parse.ts';
import { SETTINGS } from './settings.ts';
import { valueAt } from './sources.ts';

/** The whole configuration as YAML, with who set each value beside it. Keys and secrets are masked: a key by its id and kind. */
export function printConfig({ settings, keys, origins }: Config): string {
  const document = new Document({});
  for (const { path, isSecret, fallbackText } of SETTINGS) {
    const at = path.split('.');
    const value =
      path === 'keys' ? keys.map(maskedKey) : isSecret === true ? masked(valueAt(settings, at)) : valueAt(settings, at);
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
