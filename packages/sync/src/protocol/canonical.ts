/**
 * The canonical form of what `JSON.parse` gives (RFC 8785): members sorted by UTF-16 code units, which is how `sort` sorts;
 * numbers and strings as `JSON.stringify` writes them, which is where the RFC has their form from. `Date`s count as their JSON,
 * members without any as absent.
 */
export function canonicalize(value: unknown): string {
  if (typeof value !== 'object' || value === null || value instanceof Date) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalize).join()}]`;
  const object = value as Readonly<Record<string, unknown>>;
  const members = Object.keys(object)
    .filter((name) => object[name] !== undefined)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalize(object[name])}`);
  return `{${members.join()}}`;
}
