/** A version to compare with: its identifiers, the three numbers first. Made by `parseVersion`. */
export type Version = readonly string[];

const MAX_LENGTH = 256;

// The grammar of Semantic Versioning 2.0.0 with `v`, minor and patch optional. No text can be read in two ways, so a
// refusal takes no longer than a match.
const VERSION =
  /^v?(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?(?:\.(0|[1-9]\d*))?(?:-((?!0\d+(?![\da-z-]))[\da-z-]+(?:\.(?!0\d+(?![\da-z-]))[\da-z-]+)*))?(?:\+[\da-z-]+(?:\.[\da-z-]+)*)?$/i;

/**
 * Reads a version after Semantic Versioning 2.0.0. A leading `v` or `V` is allowed, a missing minor or patch is 0 (`v2`,
 * `1.4-rc.1`), and build metadata is left out. Numbers may have any size; the whole text has 256 characters at most.
 * `undefined` when the text is no version.
 */
export function parseVersion(text: string): Version | undefined {
  const match = text.length > MAX_LENGTH ? undefined : VERSION.exec(text);
  if (!match) return undefined;
  const [, major = '', minor = '0', patch = '0', prerelease] = match;
  return [major, minor, patch, ...(prerelease?.split('.') ?? [])];
}

/**
 * Compares the version in `text` with another by precedence: negative when `text` is the lower, 0 when neither is,
 * positive when it is the higher, NaN exactly when `parseVersion` refuses `text`. Does not allocate.
 */
export function compareVersion(text: string, to: Version): number {
  if (text.length > MAX_LENGTH || !VERSION.test(text)) return NaN;
  let at = text.charCodeAt(0) > 57 ? 1 : 0;
  for (let part = 0; ; part++) {
    const other = to[part];
    // A `-` leads to the prerelease, a `.` to every other identifier; the first has nothing before it.
    if (text.charCodeAt(at) === (part === 3 ? 45 : 46)) at++;
    else if (part > 2) return other === undefined ? 0 : part > 3 ? -1 : 1;
    if (other === undefined) return part > 3 ? 1 : -1;
    const start = at;
    let order = 0;
    let numeric = true;
    // Digits and letters are above `/`, and `-` is in identifiers of the prerelease alone.
    for (let code; (code = text.charCodeAt(at)) > 47 || (code === 45 && part > 2); at++) {
      if (code > 57 || code === 45) numeric = false;
      order ||= code - (other.charCodeAt(at - start) || 0);
    }
    // A missing number has no digit and so is shorter than any but is equal to 0.
    const longer = at === start && other === '0' ? 0 : at - start - other.length;
    // A number is lower than another identifier. Numbers compare by length first, the others by characters first.
    if (numeric === (part > 2 && /\D/.test(other))) return numeric ? -1 : 1;
    order = numeric ? longer || order : order || longer;
    if (order) return order;
  }
}
