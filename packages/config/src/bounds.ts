import { CST, Lexer } from 'yaml';

/** Largest flag file in bytes: 5 MiB. */
export const MAX_FILE_BYTES: number = 5 * 1024 * 1024;

/** Levels of lists and mappings. */
export const MAX_DEPTH = 100;

/** Values of a file; an alias counts with everything it stands for. */
export const MAX_NODES = 1_000_000;

// A list or mapping costs the parser about two kilobytes.
const MAX_COLLECTIONS = 500_000;

/**
 * What a text has too much of to be parsed, found token by token: the parser would need gigabytes for a file that is
 * nothing but brackets.
 */
export function excessOf(text: string): string | undefined {
  let depth = 0;
  let markers = 0;
  let scalars = 0;
  let collections = 0;
  let isContent = false;
  for (const token of new Lexer().lex(text)) {
    // What follows this mark is the text of a scalar, whatever it looks like.
    if (isContent) {
      isContent = false;
      continue;
    }
    switch (CST.tokenType(token)) {
      case 'scalar':
        isContent = true;
        scalars++;
        break;
      case 'single-quoted-scalar':
      case 'double-quoted-scalar':
        scalars++;
        break;
      case 'flow-seq-start':
      case 'flow-map-start':
        depth++;
        collections++;
        break;
      case 'flow-seq-end':
      case 'flow-map-end':
        depth--;
        break;
      case 'seq-item-ind':
      case 'explicit-key-ind':
        // Several on one line are as many levels.
        markers++;
        collections++;
        break;
      case 'newline':
        markers = 0;
        break;
      default:
        break;
    }
    if (Math.max(depth, markers) > MAX_DEPTH) return `${MAX_DEPTH} levels`;
    if (scalars > MAX_NODES || collections > MAX_COLLECTIONS)
      return `${MAX_NODES} values, or ${MAX_COLLECTIONS} lists and mappings`;
  }
  return undefined;
}
