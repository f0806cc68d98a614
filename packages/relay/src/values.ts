import type { Resolution } from '@flags/core';
import { xxh32 } from '@flags/core';
import type { FlagReading } from '@flags/sync';
import type { ViewName } from './view.ts';

/** What is told of a reading. Rules of a flag are for holders of server keys, and so are their names. */
export function tellReading(resolution: Resolution, as: ViewName): FlagReading {
  const { value, variant, variation, reason, ruleId, version, experiment, errorCode } = resolution;
  return {
    value,
    reason,
    ...(variant === undefined ? {} : { variant }),
    ...(variation === undefined ? {} : { variation }),
    ...(as === 'client' || ruleId === undefined ? {} : { ruleId }),
    ...(version === undefined ? {} : { version }),
    ...(experiment === undefined ? {} : { experiment }),
    ...(errorCode === undefined ? {} : { errorCode }),
  };
}

/**
 * The share of a reading in the hash over the values of a context, an unsigned 32-bit integer; 0 without one. The flag's
 * version is left out: an edit that changes nothing for this context is no change of its values.
 */
export function readingShare(key: string, reading: FlagReading | undefined): number {
  if (reading === undefined) return 0;
  const { version: _version, ...content } = reading;
  return xxh32(`${key}=${JSON.stringify(content)}`);
}
