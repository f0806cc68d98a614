import type { RulesetChange } from '@flags/core';

/** One question to all flags of a case. */
export interface Ask {
  readonly context: unknown;
  /** Epoch milliseconds. */
  readonly now: number;
  /** The caller's default; every flag is also asked with `null`. */
  readonly fallback: unknown;
}

/** A ruleset, a way to it, and what is asked of it. JSON throughout, as `writeText` has it. */
export interface FuzzCase {
  readonly ruleset: unknown;
  /** The same document with earlier entries: the changes lead from it to `ruleset`. That itself when absent. */
  readonly start?: unknown;
  readonly changes?: readonly RulesetChange[];
  /** Whether it is compiled with `bucketers`. */
  readonly withBucketers: boolean;
  /** Keys that are read: those of flags, and others. */
  readonly keys: readonly string[];
  readonly asks: readonly Ask[];
}

/** An answer without names: value, variant, variation, reason, rule, version, experiment, error code; `null` for what is absent. */
export type Answer = readonly [
  value: unknown,
  variant: string | null,
  variation: number | null,
  reason: string,
  ruleId: string | null,
  version: number | null,
  experiment: string | null,
  errorCode: string | null,
];

/** The names of an answer's places. */
export const ANSWER_MEMBERS = [
  'value',
  'variant',
  'variation',
  'reason',
  'ruleId',
  'version',
  'experiment',
  'errorCode',
] as const;

/** What a runtime says of a case. */
export interface CaseAnswers {
  /** By ask and key: with a `null` default, and with the ask's own. */
  readonly answers: readonly (readonly (readonly [Answer, Answer])[])[];
  /** When an answer may next change by itself, by ask. */
  readonly next: readonly (number | null)[];
}
