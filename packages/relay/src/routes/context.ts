/** The most a body with a context may have. */
export const CONTEXT_BODY_BYTES = 65_536;

const MAX_DEPTH = 8;
const MAX_VALUES = 1_000;
const MAX_KEY_LENGTH = 512;

/** The form of a context; what a schema cannot say, `contextProblem` does. */
export const CONTEXT_SCHEMA = { type: 'object', maxProperties: 256 } as const;

/** What is wrong with a context of the right form, in one sentence that quotes nothing of it. */
export function contextProblem(context: Readonly<Record<string, unknown>>): string | undefined {
  const unit = Object.hasOwn(context, 'targetingKey') ? context['targetingKey'] : undefined;
  if (unit !== undefined && typeof unit !== 'string' && !Number.isSafeInteger(unit)) {
    return 'The targetingKey of the context is neither a text nor a whole number.';
  }
  if (typeof unit === 'string' && unit.length > MAX_KEY_LENGTH) {
    return `The targetingKey of the context has more than ${MAX_KEY_LENGTH} characters.`;
  }
  // Level by level and not on the stack.
  let level: readonly unknown[] = [context];
  let values = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_DEPTH) return `The context is nested more than ${MAX_DEPTH} levels deep.`;
    level = level.flatMap((value) => (typeof value === 'object' && value !== null ? Object.values(value) : []));
    values += level.length;
    if (values > MAX_VALUES) return `The context holds more than ${MAX_VALUES} values.`;
  }
  return undefined;
}
