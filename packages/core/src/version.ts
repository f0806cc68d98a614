const MAX_LENGTH = 256;

// The grammar of Semantic Versioning 2.0.0 with `v`, minor and patch optional. No text can be read in two ways, so a
// refusal takes no longer than a match.
const VERSION =
  /^v?(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?(?:\.(0|[1-9]\d*))?(?:-((?!0\d+(?![\da-z-]))[\da-z-]+(?:\.(?!0\d+(?![\da-z-]))[\da-z-]+)*))?(?:\+[\da-z-]+(?:\.[\da-z-]+)*)?$/i;

// Numbers sort by length first, and below other identifiers, whose end sorts below all that may stand in them.
const sortable = (identifier: string): string =>
  /\D/.test(identifier) ? `\ufffe${identifier}\0` : String.fromCharCode(identifier.length) + identifier;

// The versions of an app that are in use are few: remembered, a read neither parses nor allocates. Emptied when it is
// full, so that made-up ones cannot fill memory.
const known = new Map<string, string>();
const MOST_KNOWN = 256;

/**
 * Reads a version after Semantic Versioning 2.0.0 into a text that sorts, by UTF-16 units, where the version comes by
 * precedence: two are equal exactly when neither version is the higher. A leading `v` or `V` is allowed, a missing minor
 * or patch is 0 (`v2`, `1.4-rc.1`), and build metadata is left out. Numbers may have any size; the whole text has 256
 * characters at most. `undefined` when the text is no version.
 */
export function parseVersion(text: string): string | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  let key = known.get(text);
  if (key === undefined) {
    const match = VERSION.exec(text);
    const [, major = '', minor = '0', patch = '0', prerelease] = match ?? [];
    const numbers = sortable(major) + sortable(minor) + sortable(patch);
    // A release comes after all its prereleases; a text that is no version has no key.
    key = match ? numbers + (prerelease?.split('.').map(sortable).join('') ?? '\uffff') : '';
    if (known.size === MOST_KNOWN) known.clear();
    known.set(text, key);
  }
  return key || undefined;
}
