import { isMap, isNode, isPair, isScalar, isSeq } from 'yaml';

/**
 * The offset where the quote, or the outermost bracket, opens that the parser had to close at `end`, because the text does
 * not. A loop and no recursion: broken files may be nested deeply.
 */
export function openUntil(root: unknown, end: number, isQuote: boolean): number | undefined {
  const rest: unknown[] = [root];
  while (rest.length) {
    const node = rest.pop();
    if (isPair(node)) rest.push(node.value, node.key);
    if (!isNode(node) || !node.range) continue;
    const [start, close] = node.range;
    const isCollection = isMap(node) || isSeq(node);
    const isOpen = isQuote ? isScalar(node) && node.type?.startsWith('QUOTE') : isCollection && node.flow;
    if (isOpen && close === end && start < end) return start;
    if (isCollection && start <= end && end <= node.range[2]) rest.push(...[...node.items].reverse());
  }
  return undefined;
}
