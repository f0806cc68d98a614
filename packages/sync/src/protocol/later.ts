/** What a platform gives at once, or later where it has only that. */
export type Later<T> = T | Promise<T>;

/** Goes on with a value: at once when it is there. */
export function proceed<T, R>(value: Later<T>, use: (value: T) => Later<R>): Later<R> {
  return value instanceof Promise ? value.then(use) : use(value);
}

/** Goes on with all of these values: at once when they are all there. */
export function proceedAll<T, R>(values: readonly Later<T>[], use: (values: readonly T[]) => Later<R>): Later<R> {
  const isThere = (value: Later<T>): value is T => !(value instanceof Promise);
  return values.every(isThere) ? use(values) : Promise.all(values).then(use);
}
