/**
 * Who or what a flag is evaluated for, as in OpenFeature: a targeting key and any attributes, nested as you like.
 * Only own strings, booleans, finite numbers and `Date`s count, and arrays of them; anything else is missing.
 */
export interface EvaluationContext {
  readonly targetingKey?: string | undefined;
  readonly [attribute: string]: unknown;
}

/** Where an attribute stands: a name, or the names on the way down. */
export type Path = string | readonly string[];

/** `plan` stays a name, `org.id` becomes a way; a list is taken as it is, so that names may hold dots. */
export function parsePath(path: string | readonly string[] = 'targetingKey'): Path {
  const names = typeof path === 'string' ? path.split('.') : path;
  return names.length === 1 ? names[0]! : names;
}

// A prototype's members are never attributes: neither `toString` nor what polluted `Object.prototype`.
const owns = Object.prototype.hasOwnProperty;

/** The own value at `path`, or `undefined`. */
export function readAttribute(context: EvaluationContext, path: Path): unknown {
  if (typeof path === 'string') return owns.call(context, path) ? context[path] : undefined;
  // A context that is null throws, as it does above.
  let value: unknown = owns.call(context, path[0]!) ? context : undefined;
  for (const name of path) {
    if (typeof value !== 'object' || Array.isArray(value) || !value || !owns.call(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

/** The unit at `path` as text: a non-empty string or a safe integer, else `undefined`. */
export function readUnit(context: EvaluationContext, path: Path): string | undefined {
  const value = readAttribute(context, path);
  return typeof value === 'string' ? value || undefined : Number.isSafeInteger(value) ? String(value) : undefined;
}

/** The time a `Date` of any realm holds, in epoch ms: NaN for an invalid one and for anything that is no `Date`. */
export function timeOf(value: unknown): number {
  return Object.prototype.toString.call(value) === '[object Date]' ? (value as Date).getTime() : Number.NaN;
}
