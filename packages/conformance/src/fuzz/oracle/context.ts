/** A context as a caller hands it over. */
export type Context = Readonly<Record<string, unknown>> | null;

/** Thrown where a context is none. */
export class NoContext extends Error {}

/** The own value at a dotted path or a list of names, `undefined` when there is none. A throwing getter throws. */
export function attributeAt(context: Context, path: string | readonly string[]): unknown {
  if (context === null) throw new NoContext();
  let value: unknown = context;
  for (const name of typeof path === 'string' ? path.split('.') : path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

/** The unit there: a non-empty text, or a safe integer as text. */
export function unitAt(context: Context, path: string): string | undefined {
  const value = attributeAt(context, path);
  if (typeof value === 'string') return value === '' ? undefined : value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}
