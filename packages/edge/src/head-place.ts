// What may stand before the first thing in a head that can tell it from what follows: white space, comments, the doctype, and the
// tags of the document and of its character set and base, in whatever order the HTML standard lets them come.
const TOKENS =
  /^\xef\xbb\xbf|[\t\n\f\r ]+|<!--(?:>|->|[^]*?--!?>)|<!(?!--)[^>]*>|<\?[^>]*>|<(?:html|head|meta|base)(?=[\s/>])(?:"[^"]*"|'[^']*'|[^'">])*>/iy;
// The beginning of one of them, or what is too short to be told from one.
const UNFINISHED = /^(?:$|\xef\xbb?$|<(?:[!?]|[a-z]{0,4}$|(?:html|head|meta|base)[\s/]))/i;
const DOCUMENT = /<(?:!doctype|html|head)(?=[\s/>])/i;

/**
 * Where a script goes in a page so that it runs before all others: after the tags that begin the head, and what says how to read the
 * page; where there is no head, where one is implied. `undefined` while more of the page has to be seen.
 *
 * @param start The page so far, a character for each byte.
 * @param isAll Whether nothing more is to be waited for.
 * @returns The byte, or -1 for what is no page: a fragment, or not in a character set that begins with ASCII.
 */
export function findHeadPlace(start: string, isAll: boolean): number | undefined {
  let at = 0;
  TOKENS.lastIndex = 0;
  while (TOKENS.test(start)) at = TOKENS.lastIndex;
  if (!isAll && UNFINISHED.test(start.slice(at))) return undefined;
  return start.includes('\0') || !DOCUMENT.test(start.slice(0, at)) ? -1 : at;
}
