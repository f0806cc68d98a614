import type { Message, RulesetRef } from './message.ts';
import { parsePosition } from './position.ts';
import { readFullSync } from './read-rules.ts';
import type { Members } from './reader.ts';
import { isAmount, isObject, text } from './reader.ts';

const SHA256 = /^[0-9a-f]{64}$/;

/** Reads the data of `FULL_SYNC`, which may only refer to its ruleset. */
export function readReference(data: Members): Message | string {
  const position = parsePosition(data['position']);
  if (position === undefined || isObject(data['ruleset'])) return readFullSync(data);
  const ref = readRef(data['ref']);
  if (ref === undefined) return 'neither `ruleset` nor `ref` is usable';
  return { type: 'FULL_SYNC', position, reason: text(data['reason']) ?? '', ref };
}

function readRef(value: unknown): RulesetRef | undefined {
  if (!isObject(value)) return undefined;
  const { url, bytes, sha256 } = value;
  const isUsable = typeof url === 'string' && isAmount(bytes) && typeof sha256 === 'string' && SHA256.test(sha256);
  return isUsable ? { url, bytes, sha256 } : undefined;
}
