import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BucketVector, HashVector } from './bucketing.ts';
import type { ConditionVector } from './condition.ts';
import type { EvaluationVectors } from './evaluation.ts';
import type { WindowVector } from './window.ts';

/** What each file of vectors holds. */
export interface Vectors {
  readonly xxh32: readonly HashVector[];
  readonly bucketing: readonly BucketVector[];
  readonly condition: readonly ConditionVector[];
  readonly evaluation: EvaluationVectors;
  readonly window: readonly WindowVector[];
}

/** Every file of vectors. Read as text, since some bundlers refuse JSON that holds half a surrogate pair. */
export function readVectors(): Vectors {
  const read = <Name extends keyof Vectors>(name: Name): Vectors[Name] =>
    JSON.parse(readFileSync(resolve(import.meta.dirname, `${name}.json`), 'utf8')) as Vectors[Name];
  return {
    xxh32: read('xxh32'),
    bucketing: read('bucketing'),
    condition: read('condition'),
    evaluation: read('evaluation'),
    window: read('window'),
  };
}
