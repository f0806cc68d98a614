/**
 * Who or what a flag is evaluated for, as in OpenFeature: a targeting key and any attributes, nested as you like.
 * Only own strings, booleans, finite numbers and `Date`s count, and arrays of them; anything else is missing.
 */
export interface EvaluationContext {
  readonly targetingKey?: string | undefined;
  readonly [attribute: string]: unknown;
}
