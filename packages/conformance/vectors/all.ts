import { bucketVectors, hashVectors } from './bucketing.ts';
import type { Vectors } from './read.ts';
import { conditionVectors } from './condition.ts';
import { evaluationVectors } from './evaluation.ts';
import { windowVectors } from './window.ts';

/** Every file of vectors by its name, made afresh. */
export function createVectors(): Vectors {
  return {
    xxh32: hashVectors(),
    bucketing: bucketVectors(),
    condition: conditionVectors,
    evaluation: evaluationVectors(),
    window: windowVectors(),
  };
}
