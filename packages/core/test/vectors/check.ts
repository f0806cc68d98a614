import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compileRuleset, evaluate, type Resolution, xxh32 } from '../../src/index.ts';
import type { BucketVector, HashVector } from './bucketing.ts';
import type { ConditionVector } from './condition.ts';
import type { EvaluationVectors } from './evaluation.ts';
import type { WindowVector } from './window.ts';

type Failures = readonly string[];
type Context = Readonly<Record<string, unknown>>;

/** What each file of vectors holds. */
export interface Vectors {
  readonly xxh32: readonly HashVector[];
  readonly bucketing: readonly BucketVector[];
  readonly condition: readonly ConditionVector[];
  readonly evaluation: EvaluationVectors;
  readonly window: readonly WindowVector[];
}

/** The vectors of one file. Read as text, since some bundlers refuse JSON that holds half a surrogate pair. */
export function readVectors<Name extends keyof Vectors>(name: Name): Vectors[Name] {
  const text = readFileSync(resolve(import.meta.dirname, `${name}.json`), 'utf8');
  return JSON.parse(text) as Vectors[Name];
}

const variations = [
  { name: 'on', value: true },
  { name: 'off', value: false },
];

function read(parts: Context, context: Context, now: number): Resolution {
  const header = { key: 'f', version: 1, digest: '', type: 'boolean', enabled: true, variations, off: 'off' };
  const flag = { ...header, rules: [], fallthrough: { variation: 'off' }, ...parts };
  const ruleset = { format: 1, environment: 'vectors', epoch: 'e1', version: 1, flags: { f: flag }, segments: {} };
  return evaluate(compileRuleset(ruleset), 'f', context, null, now);
}

const when = (condition: unknown): Context => ({ rules: [{ id: 'r', when: condition, serve: { variation: 'on' } }] });

function checkHashes(): Failures {
  return readVectors('xxh32')
    .filter(({ text, hash }) => xxh32(text) !== hash)
    .map(({ text }) => `hash of ${JSON.stringify(text)}`);
}

function checkBuckets(): Failures {
  return readVectors('bucketing')
    .filter(({ salt, unit, total, bucket }) => {
      const isIn = (from: number, to: number): boolean => {
        const { variant } = read(when({ bucket: { salt, total, from, to } }), { targetingKey: unit }, 0);
        return variant === 'on';
      };
      return !isIn(bucket, bucket + 1) || isIn(0, bucket) || isIn(bucket + 1, total);
    })
    .map((vector) => `bucket of ${JSON.stringify(vector)}`);
}

function checkConditions(): Failures {
  return readVectors('condition')
    .filter(({ condition, context, holds }) => {
      const { variant, errorCode } = read(when(condition), context, 0);
      return errorCode !== undefined || variant !== (holds ? 'on' : 'off');
    })
    .map((vector) => `condition ${JSON.stringify(vector)}`);
}

function checkWindows(): Failures {
  return readVectors('window')
    .filter(({ time, now, open }) => read(when({ time }), {}, now).variant !== (open ? 'on' : 'off'))
    .map((vector) => `window ${JSON.stringify(vector)}`);
}

function checkEvaluation(): Failures {
  const { ruleset, cases } = readVectors('evaluation');
  const compiled = compileRuleset(ruleset);
  return cases
    .filter((vector) => {
      const given = evaluate(compiled, vector.flag, vector.context, null, vector.now);
      const members = ['reason', 'ruleId', 'experiment', 'errorCode'] as const;
      return (given.variant ?? null) !== vector.variant || members.some((member) => given[member] !== vector[member]);
    })
    .map((vector) => `evaluation ${JSON.stringify(vector)}`);
}

/** Every vector that the evaluator does not agree with, as text. */
export function checkVectors(): Failures {
  return [checkHashes, checkBuckets, checkConditions, checkWindows, checkEvaluation].flatMap((check) => check());
}
