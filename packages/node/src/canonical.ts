/**
 * The canonical form (RFC 8785) of what `JSON.parse` gives: members sorted by UTF-16 code units, which is how `sort` sorts;
 * numbers and strings as `JSON.stringify` writes them, which is where the RFC has their form from.
 */
export function canonicalize(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalize).join()}]`;
  const object = value as Readonly<Record<string, unknown>>;
  const members = Object.keys(object)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalize(object[name])}`);
  return `{${members.join()}}`;
}
