// Looking through more would let a long list of misspelt names take quadratic time.
const MOST = 500;
const LONGEST = 64;

// A document may be wrong in thousands of places, and each look takes milliseconds.
const MOST_LOOKS = 40;
const looks = new WeakMap<object, number>();

/** Insertions, deletions and replacements that turn one word into the other (Levenshtein). */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(row[j - 1]! + 1, previous[j]! + 1, replaced));
    }
    previous = row;
  }
  return previous[b.length]!;
}

function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.floor(word.length / 3) + 2;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= least) continue;
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (edits < least) [best, least] = [candidate, edits];
  }
  return best;
}

/**
 * What to write in place of an unknown word: the one that was most likely meant, else the choices there are. `asker` is one
 * object for all of a document: only its first words are looked for, so that no document takes seconds.
 */
export function suggest(asker: object, word: string, choices: readonly string[], what: string): string {
  const known = choices.slice(0, MOST);
  const before = looks.get(asker) ?? 0;
  looks.set(asker, before + 1);
  const near = word.length > LONGEST || before >= MOST_LOOKS ? undefined : nearest(word, known);
  if (near !== undefined) return `Did you mean \`${near}\`?`;
  if (!known.length) return `There are no ${what} here.`;
  return `The ${what} here: ${known.slice(0, 20).join(', ')}${known.length > 20 ? ', …' : ''}.`;
}
