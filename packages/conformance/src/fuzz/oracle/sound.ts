/** Thrown for an entry that is not sound. */
class Unsound extends Error {}

/** A JSON object. */
export type Members = Readonly<Record<string, unknown>>;

/** Says that an entry is not sound. */
export function refuse(): never {
  throw new Unsound();
}

/** What `look` gives, `undefined` when it refuses. */
export function soundOr<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Unsound) return undefined;
    throw error;
  }
}

/** Whether it is an object, and no list. */
export const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** Whether it is a list of texts. */
export const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');
/** Whether it is a name: text of 1 to 256 characters. */
export const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= 256;
/** Whether it is a safe integer from 0 on. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
/** Whether it is an integer from 0 to `most`. */
export const isUpTo = (value: unknown, most: unknown): value is number => isCount(value) && value <= (most as number);

/** Refuses an object with another member than these. */
export function only(raw: Members, names: readonly string[]): void {
  if (!Object.keys(raw).every((name) => names.includes(name))) refuse();
}

/** Refuses a member that is there and is not as it should be. */
export function ifThere(raw: Members, name: string, is: (value: unknown) => boolean): void {
  if (Object.hasOwn(raw, name) && !is(raw[name])) refuse();
}

/** The number of buckets; refuses what is no way to find one. */
export function isBucketing(raw: Members, hasBucketers: boolean): number {
  ifThere(raw, 'by', isName);
  ifThere(raw, 'salt', isName);
  ifThere(raw, 'bucketer', (name) => hasBucketers && (name === 'length' || name === 'faulty'));
  ifThere(raw, 'total', (total) => isUpTo(total, 2 ** 20) && total >= 1);
  return (raw['total'] as number | undefined) ?? 100_000;
}
