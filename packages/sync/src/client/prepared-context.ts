import type { EvaluationContext } from '@flags/core';
import { EXTERNAL_SEGMENTS } from '@flags/core';

/** Where the keys of external segments stand that could not be looked up for a context; absent where all were. */
export const UNRESOLVED_SEGMENTS = '$unresolved';

// By identity: whoever makes another context of one that was prepared has made a context of their own.
const originals = new WeakMap<EvaluationContext, EvaluationContext>();

/**
 * The context with the external segments that hold, beside those it came with, and those that are not known. They replace what an
 * earlier preparation did not know.
 */
export function prepareContext(
  context: EvaluationContext,
  held: readonly string[],
  unresolved: readonly string[],
): EvaluationContext {
  const { [UNRESOLVED_SEGMENTS]: _before, ...rest } = context;
  const own = Object.hasOwn(context, EXTERNAL_SEGMENTS) ? context[EXTERNAL_SEGMENTS] : [];
  const segments = [...new Set<unknown>([...(Array.isArray(own) ? (own as unknown[]) : [own]), ...held])];
  const prepared: EvaluationContext = {
    ...rest,
    [EXTERNAL_SEGMENTS]: segments,
    ...(unresolved.length > 0 && { [UNRESOLVED_SEGMENTS]: unresolved }),
  };
  originals.set(prepared, originalOf(context));
  return prepared;
}

/** The context that a prepared one was made of: what a page has, that knows nothing of segments. Any other is its own. */
export function originalOf(context: EvaluationContext): EvaluationContext {
  return originals.get(context) ?? context;
}

/** The context without what only those may say who look segments up. */
export function withoutSegments(context: EvaluationContext): EvaluationContext {
  if (!Object.hasOwn(context, EXTERNAL_SEGMENTS) && !Object.hasOwn(context, UNRESOLVED_SEGMENTS)) return context;
  const { [EXTERNAL_SEGMENTS]: _segments, [UNRESOLVED_SEGMENTS]: _unresolved, ...rest } = context;
  return rest;
}
