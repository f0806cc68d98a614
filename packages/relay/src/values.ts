import type { Resolution } from '@flags/core';
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
