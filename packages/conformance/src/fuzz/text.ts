type Container = Record<string, unknown> | unknown[];

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** What JSON has no word for, as `{ "$": word }`. */
const WORDS: Readonly<Record<string, unknown>> = { NaN: Number.NaN, bigint: 1n, undefined, function: () => 1 };

/** An attribute that cannot be read: its getter throws. */
export const THROWING: unique symbol = Symbol('throwing');

/**
 * Writes a value as JSON that carries what `JSON.stringify` loses: −0, numbers beyond the largest (`1e999`), and as
 * `{ "$": … }` dates, `undefined`, NaN, a bigint, a function and an attribute whose getter throws.
 */
export function writeText(value: unknown): string {
  if (typeof value === 'number') {
    if (Object.is(value, -0)) return '-0';
    if (Number.isNaN(value)) return '{"$":"NaN"}';
    return Number.isFinite(value) ? String(value) : `${value < 0 ? '-' : ''}1e999`;
  }
  if (value === THROWING) return '{"$":"throwing"}';
  if (value instanceof Date) return `{"$":"date","at":${writeText(value.getTime())}}`;
  if (Array.isArray(value)) return `[${Array.from(value as unknown[], writeText).join()}]`;
  if (isContainer(value)) {
    const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${writeText(member)}`);
    return `{${members.join()}}`;
  }
  return value === null || typeof value === 'string' || typeof value === 'boolean'
    ? JSON.stringify(value)
    : `{"$":"${typeof value}"}`;
}

/** Writes an own member, whatever its name. */
export function putMember(container: object, name: string, value: unknown): void {
  Object.defineProperty(container, name, { value, writable: true, enumerable: true, configurable: true });
}

function putThrowing(container: object, name: string): void {
  const get = (): never => {
    throw new Error('This attribute cannot be read.');
  };
  Object.defineProperty(container, name, { get, enumerable: true, configurable: true });
}

function wordOf(value: unknown): string | undefined {
  return isContainer(value) && !Array.isArray(value) && typeof value['$'] === 'string' ? value['$'] : undefined;
}

const dateOf = (value: unknown): Date => new Date(Number((value as { readonly at?: unknown }).at ?? Number.NaN));

/** Replaces words by what they stand for, in place. */
function revive(container: Container): void {
  for (const [name, member] of Object.entries(container)) {
    const word = wordOf(member);
    if (word === 'throwing') putThrowing(container, name);
    else if (word === 'date') putMember(container, name, dateOf(member));
    else if (word !== undefined && Object.hasOwn(WORDS, word)) putMember(container, name, WORDS[word]);
    else if (isContainer(member)) revive(member);
  }
}

/** Reads what `writeText` wrote, below the topmost value. */
export function readText(text: string): unknown {
  const root: unknown = JSON.parse(text);
  if (isContainer(root)) revive(root);
  return root;
}

/** A copy of what `writeText` wrote as a client would send it: dates as text, `null` for what JSON has no word for. */
export function readPlain(text: string): unknown {
  return plain(JSON.parse(text));
}

function plain(value: unknown): unknown {
  const word = wordOf(value);
  if (word !== undefined) {
    const date = word === 'date' ? dateOf(value) : undefined;
    return date && !Number.isNaN(date.getTime()) ? date.toISOString() : null;
  }
  if (Array.isArray(value)) return value.map(plain);
  if (!isContainer(value)) return value;
  const copy = {};
  for (const [name, member] of Object.entries(value)) putMember(copy, name, plain(member));
  return copy;
}
