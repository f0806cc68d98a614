/** Number of insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}

/** The candidate the writer most likely meant, if any is near: one it is the beginning of, or at most one edit for every three letters. */
function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > 64) return undefined;
  const known = [...candidates];
  // A beginning that fits one name alone is that name.
  const begun = word.length < 3 ? [] : known.filter((name) => name.toLowerCase().startsWith(word.toLowerCase()));
  if (begun.length === 1) return begun[0];
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) > least) continue;
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    // Of two that are as near, the one that only has to be finished.
    const isBegun = best !== undefined && edits === least && candidate.startsWith(word) && !best.startsWith(word);
    if (edits < least || isBegun) [best, least] = [candidate, edits];
  }
  return best;
}

// Someone who mistyped a few names is helped by a look; a file full of unknown ones would be looked over for minutes.
const MOST_LOOKS = 40;

/**
 * `Did you mean "x"?`, or the choices when nothing is near.
 *
 * @param before Problems found before this one, where the candidates are as many as the file has names.
 */
export function suggest(word: string, candidates: Iterable<string>, what: string, before = 0): string {
  const known = [...candidates];
  const near = before < MOST_LOOKS ? nearest(word, known) : undefined;
  if (near !== undefined) return `Did you mean ${JSON.stringify(near)}?`;
  if (!known.length) return `There are no ${what}.`;
  const shown = known.slice(0, 20).join(', ');
  return `The ${what} are ${shown}${known.length > 20 ? ', …' : ''}.`;
}
