import { xxh32 } from '@flags/core';
import type { FlagReading } from './message.ts';

/**
 * The share of a reading in the hash over the values of a context, an unsigned 32-bit integer; 0 without one. The flag's
 * version is left out: an edit that changes nothing for this context is no change of its values.
 */
export function readingShare(key: string, reading: FlagReading | null | undefined): number {
  if (!reading) return 0;
  const { version: _version, ...content } = reading;
  return xxh32(`${key}=${JSON.stringify(content)}`);
}
