import type { FileProblem } from '@flags/config';

/** A problem of a whole source, without a place in a text. */
export function sourceProblem(file: string, code: string, message: string, hint: string): FileProblem {
  return { severity: 'error', file, line: 0, column: 0, endColumn: 0, path: [], code, message, hint };
}
